"""What crosses chapters: conversions and effects. The machinery comes with the write side."""
