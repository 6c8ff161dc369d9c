//! Any bytes as the API's answer: no panic, and whatever is read as a device is judged, named and told without one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tazlab_clients::tailscale::Device;
use tazlab::tailnet::holders::contests;
use tazlab::tailnet::name;
use tazlab::tailnet::record::Told;
use tazlab::tailnet::rules::presence;

fuzz_target!(|answer: &[u8]| {
    let _ = Device::one(answer);
    let Ok((devices, _)) = Device::list(answer) else { return };
    for device in &devices {
        let _ = (presence(device), Told(device).to_string());
        let canonical = name::of(device);
        assert!(name::label(&device.name).starts_with(&canonical), "a canonical name is a beginning of the label");
    }
    let _ = contests(&devices);
});
