//! Any bytes, read as a value of any type that the first bytes choose: no panic, no more memory than the bytes are worth,
//! and what was read and written again is read as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tf_plugin::framework::types::Type;
use tf_plugin::protocol::codec::{decode, encode};

fn kind(choices: &mut impl Iterator<Item = u8>, depth: u8) -> Type {
    let choice = choices.next().unwrap_or_default() % 9;
    if depth == 0 {
        return [Type::Bool, Type::Number, Type::String, Type::Dynamic][usize::from(choice % 4)].clone();
    }
    match choice {
        0 => Type::Bool,
        1 => Type::Number,
        2 => Type::String,
        3 => Type::Dynamic,
        4 => Type::list(kind(choices, depth - 1)),
        5 => Type::set(kind(choices, depth - 1)),
        6 => Type::map(kind(choices, depth - 1)),
        _ => Type::object([("a", kind(choices, depth - 1)), ("b", kind(choices, depth - 1))]),
    }
}

fuzz_target!(|input: (Vec<u8>, Vec<u8>)| {
    let (choices, bytes) = input;
    let kind = kind(&mut choices.into_iter().take(16), 3);
    if let Ok(datum) = decode(&kind, &bytes) {
        let written = encode(&kind, &datum).expect("what was read can be written");
        assert_eq!(decode(&kind, &written).expect("what was written can be read"), datum);
    }
});
