//! The output formats of a report, one file each.
