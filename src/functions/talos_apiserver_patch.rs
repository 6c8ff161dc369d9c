//! `provider::tazlab::talos_apiserver_patch(settings)`: the patch of the API server that a bootstrap needs.

use std::collections::BTreeMap;

use tazlab_talos::{ApiServer, apiserver_patch, check, is_credential};
use tf_plugin::framework::function::{Function, FunctionError, Parameter, Signature};
use tf_plugin::framework::types::Type;
use tf_plugin::framework::value::Datum;

/// The function.
#[derive(Clone, Copy, Debug)]
pub struct TalosApiserverPatch;

/// The attributes of its argument.
const ATTRIBUTES: &[&str] = &["cert_sans", "issuer", "api_audiences", "jwks_uri", "extra_args", "disable_coredns"];

impl Function for TalosApiserverPatch {
    fn name(&self) -> &'static str {
        "talos_apiserver_patch"
    }

    fn signature(&self) -> Signature {
        Signature {
            parameters: vec![Parameter::new(
                "settings",
                Type::Dynamic,
                "An object; every attribute is optional. `cert_sans`: list of names and addresses for the certificate of Kubernetes' API server (never Talos' own). `issuer`: issuer of ServiceAccount tokens, an https URL without a trailing slash. `api_audiences`: list of audiences; it must keep `https://kubernetes.default.svc.cluster.local`. `jwks_uri`: where verifiers find the signing keys. `extra_args`: map of further API server flags. `disable_coredns`: bool, leaves CoreDNS to `tazlab_coredns`.",
            )],
            variadic: None,
            returns: Type::String,
            summary: "Returns a Talos patch for the API server.",
            description: "Returns a strategic merge patch for a control plane's machine configuration: names in the API server's certificate, issuer and audiences of ServiceAccount tokens, and whether Talos runs CoreDNS. Its result passes `talos_checked_patch`.",
            deprecation: None,
        }
    }

    fn call(&self, arguments: Vec<Datum>) -> Result<Datum, FunctionError> {
        let argument = match arguments.into_iter().next() {
            Some(Datum::Dynamic(pair)) => pair.1,
            Some(other) => other,
            None => Datum::Null,
        };
        if !argument.is_wholly_known() {
            return Ok(Datum::unknown());
        }
        let settings = settings(&argument).map_err(|text| FunctionError::argument(0, text))?;
        // First and alone: what else is wrong may be told with words of the settings.
        if let Some(place) = credential(&settings) {
            let text = format!(
                "{place} holds a private key, or a URL with a password or a token in it. Terraform writes a hash of each provider function's arguments into the plan file: no secret may be passed to one."
            );
            return Err(FunctionError::argument(0, text));
        }
        let patch = apiserver_patch(&settings).map_err(|error| FunctionError::argument(0, format!("{error}.")))?;
        // The patch is ours: its lines mean nothing to whoever wrote the object.
        let told = check(&patch, &[]).into_iter().map(|problem| format!("{}: {}", problem.path, problem.text));
        let wrong: Vec<String> = told.collect();
        if wrong.is_empty() { Ok(patch.into()) } else { Err(FunctionError::argument(0, wrong.join("\n\n"))) }
    }
}

/// The first attribute that holds a credential.
fn credential(settings: &ApiServer) -> Option<String> {
    let lists = [("cert_sans", &settings.cert_sans), ("api_audiences", &settings.api_audiences)];
    let listed = lists.into_iter().flat_map(|(name, texts)| texts.iter().map(move |text| (name, text)));
    let single = [("issuer", &settings.issuer), ("jwks_uri", &settings.jwks_uri)];
    let single = single.into_iter().filter_map(|(name, text)| Some((name, text.as_ref()?)));
    let attributes = listed.chain(single).find(|(_, text)| is_credential(text)).map(|(name, _)| name.to_owned());
    let flag = || settings.extra_args.iter().find(|(_, value)| is_credential(value));
    attributes.or_else(|| flag().map(|(flag, _)| format!("extra_args[{flag:?}]")))
}

fn settings(argument: &Datum) -> Result<ApiServer, String> {
    let (Datum::Object(entries) | Datum::Map(entries)) = argument else {
        return Err(format!("An object is expected, {} was found.", argument.kind()));
    };
    if let Some(unknown) = entries.keys().find(|name| !ATTRIBUTES.contains(&name.as_str())) {
        return Err(format!("{unknown}: this attribute does not exist. The attributes are {}.", ATTRIBUTES.join(", ")));
    }
    Ok(ApiServer {
        cert_sans: texts(argument, "cert_sans")?,
        issuer: text(argument.get("issuer"), "issuer")?,
        api_audiences: texts(argument, "api_audiences")?,
        jwks_uri: text(argument.get("jwks_uri"), "jwks_uri")?,
        extra_args: flags(argument.get("extra_args"))?,
        disable_coredns: match argument.get("disable_coredns") {
            Datum::Null => false,
            Datum::Bool(value) => *value,
            other => return Err(expected("disable_coredns", "true or false", other)),
        },
    })
}

fn expected(attribute: &str, what: &str, found: &Datum) -> String {
    format!("{attribute}: {what} is expected, {} was found.", found.kind())
}

fn text(value: &Datum, attribute: &str) -> Result<Option<String>, String> {
    match value {
        Datum::Null => Ok(None),
        Datum::String(text) => Ok(Some(text.clone())),
        other => Err(expected(attribute, "a text", other)),
    }
}

fn texts(argument: &Datum, attribute: &str) -> Result<Vec<String>, String> {
    let items = match argument.get(attribute) {
        Datum::Null => return Ok(Vec::new()),
        Datum::List(items) | Datum::Set(items) | Datum::Tuple(items) => items,
        other => return Err(expected(attribute, "a list of texts", other)),
    };
    let items = items.iter().enumerate().map(|(index, item)| {
        let place = format!("{attribute}[{index}]");
        text(item, &place)?.ok_or_else(|| expected(&place, "a text", item))
    });
    items.collect()
}

fn flags(value: &Datum) -> Result<Vec<(String, String)>, String> {
    let none = BTreeMap::new();
    let entries = match value {
        Datum::Null => &none,
        Datum::Map(entries) | Datum::Object(entries) => entries,
        other => return Err(expected("extra_args", "a map of texts", other)),
    };
    let entries = entries.iter().map(|(flag, value)| {
        let place = format!("extra_args[{flag:?}]");
        if matches!(flag.as_str(), "service-account-issuer" | "api-audiences" | "service-account-jwks-uri") {
            return Err(format!("{place}: this flag has an attribute of its own."));
        }
        let value = match value {
            Datum::String(text) => text.clone(),
            Datum::Bool(value) => value.to_string(),
            Datum::Number(number) => number.to_string(),
            other => return Err(expected(&place, "a text", other)),
        };
        Ok((flag.clone(), value))
    });
    entries.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(entries: Vec<(&str, Datum)>) -> Result<Datum, FunctionError> {
        let object = Datum::object(entries);
        TalosApiserverPatch.call(vec![Datum::Dynamic(Box::new((Type::Dynamic, object)))])
    }

    #[test]
    fn what_it_makes_is_checked_yaml() {
        let names = Datum::Tuple(vec!["a.example".into()]);
        let audiences = Datum::Tuple(vec!["https://kubernetes.default.svc.cluster.local".into()]);
        let made = call(vec![
            ("cert_sans", names),
            ("issuer", "https://a.example:6443".into()),
            ("api_audiences", audiences),
            ("disable_coredns", true.into()),
            ("extra_args", Datum::object([("v", Datum::from(2))])),
        ]);
        let made = made.unwrap();
        let text = made.as_str().unwrap();
        assert!(text.contains("service-account-issuer") && text.contains("\"v\": \"2\""), "{text}");
        assert!(check(text, &[]).is_empty());
    }

    #[test]
    fn credentials_are_refused_and_not_quoted() {
        let key = "-----BEGIN EC PRIVATE KEY-----\ncanary0\n";
        for (entries, place) in [
            (vec![("cert_sans", Datum::Tuple(vec!["a.example".into(), key.into()]))], "cert_sans"),
            (vec![("issuer", "https://u:canary0@a.example/".into())], "issuer"),
            (vec![("jwks_uri", "https://a.example/keys?token=canary0".into())], "jwks_uri"),
            (vec![("api_audiences", Datum::Tuple(vec![key.into()]))], "api_audiences"),
            (vec![("extra_args", Datum::object([("x", Datum::from(key))]))], "extra_args[\"x\"]"),
        ] {
            let error = call(entries).unwrap_err();
            assert!(error.text.starts_with(place) && error.text.contains("plan file"), "{}", error.text);
            assert!(!error.text.contains("canary"), "{}", error.text);
        }
    }

    #[test]
    fn errors_name_the_attribute() {
        for (entries, words) in [
            (vec![("certsans", Datum::Null)], "certsans"),
            (vec![("cert_sans", "a".into())], "cert_sans: a list of texts"),
            (vec![("cert_sans", Datum::Tuple(vec!["a".into(), 5.into()]))], "cert_sans[1]: a text"),
            (vec![("issuer", "https://a/".into())], "issuer: "),
            (vec![("disable_coredns", "yes".into())], "disable_coredns: true or false"),
            (vec![("extra_args", Datum::object([("anonymous-auth", Datum::from(true))]))], "extraArgs.anonymous-auth"),
            (vec![("extra_args", Datum::object([("api-audiences", Datum::from("x"))]))], "an attribute of its own"),
            (vec![("extra_args", Datum::object([("insecure-port", Datum::from(0))]))], "extraArgs.insecure-port"),
            (vec![("extra_args", Datum::object([("tls-cert-file", Datum::from("x"))]))], "extraArgs.tls-cert-file"),
        ] {
            let error = call(entries).unwrap_err();
            assert!(error.argument == Some(0) && error.text.contains(words), "{words}: {}", error.text);
        }
        let error = TalosApiserverPatch.call(vec!["a".into()]).unwrap_err();
        assert!(error.text.contains("An object is expected"), "{}", error.text);
    }
}
