//! JSON Web Keys: what a cluster signs its tokens with, as PEM and as sets that can be compared. Pure.
