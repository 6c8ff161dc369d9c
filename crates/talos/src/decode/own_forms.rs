//! Types that read themselves from YAML: mostly from one text, which `own` judges.

use std::collections::BTreeMap;

use tazlab_go::base64;
use tazlab_yaml::{Kind, Node, Scalar, resolve};

use super::super::own;
use super::super::schema::{Type, schema};
use super::super::value::Data;
use super::scalars::{fits, whole};
use super::{Decoder, below};

impl Decoder {
    /// A type that reads itself from YAML: mostly from one text.
    pub(super) fn own(&mut self, node: &Node, name: &str, path: &str) -> Option<Data> {
        if name == "v1alpha1.ClusterInlineManifests" {
            return self.list(node, &Type::Struct("v1alpha1.ClusterInlineManifest".to_owned()), path);
        }
        if name == "v1alpha1.ArgValue" {
            return match &node.kind {
                Kind::Sequence(_) => self.list(node, &Type::Text, path),
                Kind::Scalar(..) => self.scalar(node, &Type::Text, path),
                _ => {
                    self.mismatch(node, path, "a text or a list of texts");
                    None
                }
            };
        }
        if name.starts_with("x509.") {
            return self.certificate(node, name, path);
        }
        if name == "network.PortRange" {
            return self.port_range(node, path);
        }
        let Some(Data::Text(text)) = self.scalar(node, &Type::Text, path) else { return None };
        match own::text(name, &text) {
            Ok(data) => Some(data),
            Err(reason) => {
                self.refuse(node, path, reason);
                None
            }
        }
    }

    fn certificate(&mut self, node: &Node, name: &str, path: &str) -> Option<Data> {
        let Some(keys) = self.keys(node, path) else {
            self.mismatch(node, path, "a mapping");
            return None;
        };
        let mut fields = BTreeMap::new();
        for (key, at, value) in keys {
            if schema().field(name, key).is_none() {
                if self.aliases == 0 {
                    self.refuse(at, &below(path, key), "this key does not exist in this place");
                }
                continue;
            }
            let text = self.decode(value, &Type::Text, &below(path, key));
            if base64::decode_string(text.text()).is_none() && text.text() != "******" {
                self.refuse(value, &below(path, key), "this must be base64, with its padding");
            }
            fields.insert(key.to_owned(), text);
        }
        Some(Data::Struct(fields))
    }

    fn port_range(&mut self, node: &Node, path: &str) -> Option<Data> {
        let Kind::Scalar(text, _) = &node.kind else {
            self.mismatch(node, path, "a port or a range of ports");
            return None;
        };
        let single = match resolve(node) {
            Some(Scalar::Int(port)) => fits(port, 16, false),
            Some(Scalar::Float(port)) => whole(port).and_then(|port| fits(port, 16, false)),
            _ => None,
        };
        if let Some(Data::Int(port)) = single {
            return Some(Data::Text(format!("{port}-{port}")));
        }
        let port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok();
        if text.split_once('-').is_some_and(|(low, high)| port(low) && port(high)) {
            return Some(Data::Text(text.clone()));
        }
        self.refuse(node, path, "a port between 0 and 65535, or a range of two as in 80-443, is expected here");
        None
    }
}
