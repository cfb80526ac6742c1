"""Convolutional conditional neural processes and their adaptation."""
