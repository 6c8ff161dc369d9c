//! Talos' machine configuration, as far as patches of it are judged. Pure.
