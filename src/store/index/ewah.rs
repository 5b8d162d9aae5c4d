//! Git's bitmaps (EWAH), described in `gitformat-bitmap(5)`: runs of equal words alternate with literal words.
//!
//! Four bytes hold the number of bits and four the number of 64-bit words; then come the words, and four bytes with the
//! place of the last marker. A marker's lowest bit is the value of the run; 32 bits are the number of words of the
//! run, and 31 bits the number of literal words after the run. All numbers are big-endian.

/// The maximum lengths of a run and of the literals of one marker.
const LONGEST_RUN: u64 = (1 << 32) - 1;
const MOST_LITERALS: usize = (1 << 31) - 1;

/// The set bits of a bitmap below `bits`, in order, and the number of bytes of the bitmap. None if it is malformed.
pub(super) fn read(bytes: &[u8], bits: usize) -> Option<(Vec<usize>, usize)> {
    let number = |at: usize| bytes.get(at..at + 4)?.first_chunk().map(|chunk| u32::from_be_bytes(*chunk) as usize);
    let words = number(4)?;
    let length = 8 + words.checked_mul(8)? + 4;
    let mut words =
        bytes.get(..length)?.get(8..length - 4)?.as_chunks::<8>().0.iter().map(|word| u64::from_be_bytes(*word));
    let (mut set, mut at) = (Vec::new(), 0usize);
    while let Some(marker) = words.next() {
        let run = usize::try_from(marker >> 1 & LONGEST_RUN).ok()?.checked_mul(64)?;
        let end = at.checked_add(run)?;
        if marker & 1 == 1 {
            // A malformed run of ones could be larger than the memory.
            if end > bits.checked_add(63)? {
                return None;
            }
            set.extend(at..end.min(bits));
        }
        at = end;
        for _ in 0..marker >> 33 {
            let (word, end) = (words.next()?, at.checked_add(64)?);
            set.extend((0..64).filter(|bit| word >> bit & 1 == 1).map(|bit| at + bit));
            at = end;
        }
    }
    (set.last().is_none_or(|&last| last < bits)).then_some((set, length))
}

/// A bitmap with these bits, which must be in order.
pub(super) fn write(set: impl Iterator<Item = usize>) -> Vec<u8> {
    let mut literals: Vec<(usize, u64)> = Vec::new();
    let mut size = 0;
    for bit in set {
        match literals.last_mut() {
            Some((at, word)) if *at == bit / 64 => *word |= 1 << (bit % 64),
            _ => literals.push((bit / 64, 1 << (bit % 64))),
        }
        size = bit + 1;
    }
    let (mut words, mut last, mut next) = (vec![0u64], 0, 0);
    for (at, word) in literals {
        let (gap, count) = ((at - next) as u64, words[last] >> 33);
        if gap > 0 && words[last] != 0 || count as usize == MOST_LITERALS {
            last = words.len();
            words.push(0);
        }
        // An index has fewer entries than the maximum run of one marker.
        words[last] = (words[last] | gap.min(LONGEST_RUN) << 1) + (1 << 33);
        words.push(word);
        next = at + 1;
    }
    let head = [size as u32, words.len() as u32].map(u32::to_be_bytes);
    let words: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
    [head.as_flattened(), &words, &(last as u32).to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(set in prop::collection::btree_set(0usize..5_000, 0..200)) {
            let bytes = write(set.iter().copied());
            let (again, length) = read(&bytes, 5_000).unwrap();
            prop_assert_eq!(again, set.into_iter().collect::<Vec<_>>());
            prop_assert_eq!(length, bytes.len());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = read(&bytes, 1_000);
        }
    }

    #[test]
    fn a_bitmap_that_is_cut_off_is_none() {
        let bytes = write([1, 70].into_iter());
        assert!(read(&bytes, 100).is_some());
        for length in 0..bytes.len() {
            assert_eq!(read(&bytes[..length], 100), None, "{length}");
        }
    }

    #[test]
    fn runs_of_ones_and_zeros_are_read() {
        let words = |words: &[u64]| {
            let head = [0u32, words.len() as u32].map(u32::to_be_bytes);
            [head.as_flattened(), &words.iter().flat_map(|w| w.to_be_bytes()).collect::<Vec<_>>(), &[0; 4]].concat()
        };
        let ones = words(&[1 | 2 << 1, 1 << 1 | 1 << 33, 0b101]);
        let set = read(&ones, 300).unwrap().0;
        assert_eq!(set, (0..128).chain([192, 194]).collect::<Vec<_>>());
        assert_eq!(read(&ones, 194), None);
        assert_eq!(read(&words(&[1 | LONGEST_RUN << 1]), 300), None);
        assert_eq!(read(&words(&[1 << 33]), 300), None);
    }
}
