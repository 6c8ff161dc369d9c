//! Any bytes as a DNS server's answer: no panic, no name longer than DNS has, no more addresses than records.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tazlab_clients::dns::Answer;

fuzz_target!(|message: &[u8]| {
    // The number of the question is the message's own, or nothing behind it would be read.
    let Some(id) = message.first_chunk().map(|id| u16::from_be_bytes(*id)) else { return };
    if let Some(answer) = Answer::read(message, id) {
        assert!(answer.addresses.len() <= answer.records.len());
        assert!(answer.addresses.iter().all(|(name, _)| name.len() <= 255 * 3));
    }
});
