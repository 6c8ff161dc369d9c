//! `cache`.

use super::grammar::{Arguments, Block, Head, Occurs, PLUGIN, Plugin, at_least, between, custom, exactly, takes};
use super::stanza::{Judged, Stanza};
use super::value::Value;
use crate::diagnostic::Kind;
use crate::lexer::Token;
use tazlab_go::strconv;
use tazlab_go::time::{self, MINUTE, SECOND};

/// Capacity, TTL and least TTL; what follows is not looked at.
const SIZES: Arguments = at_least(1, &[Value::ANY_INTEGER, Value::POSITIVE, Value::NOT_NEGATIVE, Value::Any]);
const UP_TO_FIVE_MINUTES: Value = Value::Duration { least: 0, most: 5 * MINUTE };

pub(super) const CACHE: Plugin = Plugin {
    name: "cache",
    usage: "cache [TTL] [ZONES…]",
    occurs: Occurs::Once,
    head: Head::Custom(|stanza| {
        stanza.arguments = stanza.words.arguments();
        let mut zones = stanza.arguments.as_slice();
        if let Some((first, rest)) = zones.split_first()
            && let Some(ttl) = strconv::atoi(&first.text)
        {
            if ttl <= 0 {
                let message = format!("a TTL of {ttl} is neither possible nor a way to switch the cache off");
                let first = *first;
                return Err(stanza.refuse(Kind::Value, first, message, "write a positive number of seconds"));
            }
            zones = rest;
        }
        let zones = zones.to_vec();
        for zone in zones {
            stanza.judge_value(&Value::Zone, zone)?;
        }
        Ok(())
    }),
    block: Block::Options(&[
        takes("success", SIZES),
        takes("denial", SIZES),
        custom("prefetch", prefetch),
        custom("serve_stale", serve_stale),
        custom("serve_stale_policy", |stanza, name| {
            if stanza.option("serve_stale_policy").is_some() {
                return Err(stanza.refuse(
                    Kind::Repeated,
                    name,
                    "`serve_stale_policy` is set more than once",
                    "keep one of them",
                ));
            }
            stanza.take(name, exactly(1, &[Value::WordAnyCase(&["prefer_positive"])])).map(|_| ())
        }),
        takes("servfail", exactly(1, &[UP_TO_FIVE_MINUTES])),
        takes("disable", at_least(1, &[Value::Word(&["success", "denial"]), Value::Any])),
        takes("keepttl", Arguments::NONE),
    ]),
    finish: |stanza| {
        if let Some(policy) = stanza.option("serve_stale_policy").map(|option| option.name)
            && stanza.option("serve_stale").is_none()
        {
            stanza.refuse(Kind::Conflict, policy, "`serve_stale_policy` needs `serve_stale`", "add `serve_stale`");
        }
    },
    ..PLUGIN
};

/// `prefetch AMOUNT [DURATION [PERCENTAGE%]]`.
fn prefetch<'a>(stanza: &mut Stanza<'a, '_>, name: &'a Token) -> Judged {
    let arguments = stanza.take(name, between(1, 3, &[Value::NOT_NEGATIVE, Value::ANY_DURATION, Value::Any]))?;
    let Some(percentage) = arguments.get(2) else { return Ok(()) };
    let number = percentage.text.strip_suffix('%').and_then(strconv::atoi);
    if number.is_some_and(|number| (10..=90).contains(&number)) {
        return Ok(());
    }
    let message = format!("`{}` is not a percentage from 10% to 90%", percentage.text);
    Err(stanza.refuse(Kind::Value, percentage, message, "write for example 10%"))
}

/// `serve_stale [DURATION [immediate|verify [TIMEOUT] [TTL [RECHECK]]]]`, the timeout with `verify` only.
fn serve_stale<'a>(stanza: &mut Stanza<'a, '_>, name: &'a Token) -> Judged {
    const MODES: Value = Value::WordAnyCase(&["immediate", "verify"]);
    let arguments = stanza.take(name, between(0, 5, &[Value::DURATION, MODES, Value::Any]))?;
    let mut rest = arguments.get(2..).unwrap_or_default();
    if arguments.get(1).is_some_and(|mode| mode.text.to_lowercase() == "verify")
        && let Some((timeout, tail)) = rest.split_first()
    {
        stanza.judge_value(&Value::DURATION, timeout)?;
        rest = tail;
    }
    if let [_, _, extra] = *rest {
        return Err(stanza.refuse(
            Kind::ArgumentCount,
            extra,
            "`immediate` accepts no timeout",
            "remove what is too much",
        ));
    }
    if let Some(ttl) = rest.first() {
        let time = time::parse_duration(&ttl.text);
        let most = i64::from(u32::MAX) * SECOND;
        if !time.is_some_and(|time| (0..=most).contains(&time) && time % SECOND == 0) {
            let message = format!("`{}` is not a duration of whole seconds", ttl.text);
            return Err(stanza.refuse(Kind::Value, ttl, message, "write for example 30s"));
        }
    }
    if let Some(recheck) = rest.get(1) {
        stanza.judge_value(&UP_TO_FIVE_MINUTES, recheck)?;
    }
    Ok(())
}
