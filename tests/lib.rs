//! Shared helpers of the whole-app tests.
