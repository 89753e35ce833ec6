"""The endpoints: one function per path."""
