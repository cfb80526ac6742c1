"""The Lorenz-96 experiment: every fourth site, rotating, seen with noise every two steps."""

from sparseobs.dynamics.catalogue import named_system

SYSTEM = named_system("lorenz96")
