//! Tests through the program.
