//! Any bytes as git's index: the first part as `index`, the rest as the shared index of a split index.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((length, rest)) = data.split_first_chunk::<2>() else { return };
    let (index, shared) = rest.split_at(usize::from(u16::from_be_bytes(*length)).min(rest.len()));
    modelreg::any_bytes(index, shared);
});
