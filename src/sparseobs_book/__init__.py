"""What the pages of the book run, one folder a page; it imports the library and is never imported by it."""
