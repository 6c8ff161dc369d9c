//! What a sweep did, or would do, as messages to the user. The edge where a sweep's problem becomes a diagnostic.

use tf_plugin::framework::AttributePath;
use tf_plugin::framework::context::Context;
use tf_plugin::framework::diagnostics::Diagnostic;

use super::arguments::Arguments;
use super::failure::capital;
use super::identity::{Mismatch, Tailnet};
use super::record::{Told, counted, lines, listed};
use super::rules::Keep;
use super::sweep::{Forecast, Orders, SweepError, Swept};

/// How to finish without us.
const BY_HAND: &str =
    "To finish by hand, remove them on the Machines page of the admin console, or with DELETE /api/v2/device/<id>.";

/// Who goes on where a sweep ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// The next apply: nothing, or the old, is stored.
    Apply,
    /// The next destroy: the object is kept.
    Destroy,
    /// Whoever invokes the action again.
    Invocation,
    /// Nobody: the object is gone.
    Nobody,
}

impl Then {
    fn told(self) -> &'static str {
        match self {
            Self::Apply => "The next apply lists what is left and continues. ",
            Self::Destroy => "The next destroy lists what is left and continues. ",
            Self::Invocation => "Invoke the action again: it lists what is left and continues. ",
            Self::Nobody => "",
        }
    }
}

impl SweepError {
    fn summary(&self) -> &'static str {
        match self {
            Self::List(_) => "Cannot list the devices of the tailnet",
            Self::Tailnet(_) => "Nothing is deleted from another tailnet",
            Self::TooMany { .. } => "More devices match than may be deleted",
            Self::Unannounced(_) => "More devices match than the plan announced",
            Self::StillConnected { .. } => "Devices are still connected",
            Self::Deletions { .. } => "Not every device was deleted",
            Self::Interrupted(_) => "The cleanup was not finished",
            Self::Held(_) => "A name that is required to be free is held",
        }
    }

    fn attribute(&self) -> AttributePath {
        match self {
            Self::TooMany { .. } => AttributePath::new("max_deletions"),
            Self::StillConnected { .. } => AttributePath::new("connected"),
            Self::Held(_) => AttributePath::new("required_free"),
            Self::Tailnet(_) => AttributePath::new("tailnet"),
            Self::List(_) | Self::Deletions { .. } | Self::Interrupted(_) | Self::Unannounced(_) => {
                AttributePath::root()
            }
        }
    }

    fn explained(&self) -> String {
        match self {
            Self::List(failure) => failure.explained(),
            Self::Tailnet(mismatch) => refused(mismatch),
            Self::TooMany { count, most, devices } => format!(
                "{} the selectors and could be deleted, and max_deletions is {most}: none was deleted. Make the selectors narrower, or raise max_deletions if all of these are meant:{}",
                counted(*count, "device matches", "devices match"),
                lines(devices)
            ),
            Self::Unannounced(devices) => format!(
                "{} the selectors by now and {} not in the plan that was approved: none was deleted. Plan again.{}",
                counted(devices.len(), "device matches", "devices match"),
                if devices.len() == 1 { "was" } else { "were" },
                lines(devices)
            ),
            Self::StillConnected { devices, waited } => format!(
                "{} still connected after {waited:?} (wait_timeout), and connected devices are not deleted. Stop what runs them, wait longer, or set connected = \"delete\":{}",
                counted(devices.len(), "selected device is", "selected devices are"),
                lines(devices)
            ),
            Self::Held(devices) => {
                let told = |device| {
                    let tags = if device_tags(device).is_empty() { "no tags".to_owned() } else { device_tags(device) };
                    format!("{}, {tags}", Told(device))
                };
                format!(
                    "A device that requests the name now gets one with a number at its end. It is held by:{}\n\nRemove or rename the holder, or change the selectors and filters so that they match it.",
                    listed(devices.iter().map(told))
                )
            }
            other => format!("{}.", capital(&other.to_string())),
        }
    }
}

/// Why nothing is deleted from this tailnet, and how to go on.
fn refused(mismatch: &Mismatch) -> String {
    let advice = match mismatch {
        Mismatch::Named { .. } => {
            "Correct tailnet, or give the provider the base_url, the tailnet and the credential of the one that is meant.".to_owned()
        }
        Mismatch::Recorded { .. } | Mismatch::Older { .. } => {
            "Give the provider the base_url, the tailnet and the credential of the recorded tailnet. If the configured one is meant, because it was renamed or the resource moves to it, replace the resource (terraform apply -replace=ADDRESS): that deletes nothing in the recorded one. Where fail_on_destroy_error keeps it from being replaced, remove it from the state (terraform state rm ADDRESS) and apply.".to_owned()
        }
        Mismatch::Unrecorded(Tailnet { suffix: Some(suffix), .. }) => format!(
            "An earlier version of the provider wrote the state. If {suffix} is the tailnet that is meant, set tailnet = \"{suffix}\", or apply once without a change of triggers: both record it."
        ),
        Mismatch::Unrecorded(_) => {
            "An earlier version of the provider wrote the state. Apply once without a change of triggers: that records the tailnet.".to_owned()
        }
        Mismatch::Several { .. } => "Set tailnet to the MagicDNS suffix of the one that is meant.".to_owned(),
    };
    format!("{}. Nothing was deleted. {advice}", capital(&mismatch.to_string()))
}

/// Tells of entries of `protect` that protect nothing.
fn warn_of_unmatched<D>(context: &Context<D>, unmatched: &[String]) {
    if unmatched.is_empty() {
        return;
    }
    let detail = format!(
        "No device of the tailnet matches {}. These devices are not protected: compare the spelling with the Machines page of the admin console. For devices that will join later, no action is needed.",
        unmatched.iter().map(|entry| format!("{entry:?}")).collect::<Vec<_>>().join(", ")
    );
    context.warn(Diagnostic::warning("Entries of protect match no device", detail).at(AttributePath::new("protect")));
}

fn device_tags(device: &tazlab_clients::tailscale::Device) -> String {
    device.tags.join(", ")
}

/// A sweep as an outcome, with what was done, what is left and how to finish where it has a problem.
///
/// # Errors
/// The problem. With `dry_run` a name that is held is a warning: nothing could become free.
pub fn outcome<D>(context: &Context<D>, swept: &Swept, arguments: &Arguments, then: Then) -> Result<(), Diagnostic> {
    if let Some(error) = &swept.problem {
        let told = problem(error, swept, arguments, then);
        if !matches!(error, SweepError::Held(_)) || arguments.dry_run.as_ref_option() != Some(&true) {
            return Err(told);
        }
        context.warn(told.into_warning(error.summary()));
    }
    warn_of_unmatched(context, &swept.unmatched);
    warn_of_kept(context, swept);
    Ok(())
}

/// The problem of a sweep, with what was done, what is left and how to finish.
#[must_use]
pub fn problem(error: &SweepError, swept: &Swept, arguments: &Arguments, then: Then) -> Diagnostic {
    let mut detail = format!("{}\n\nSelectors: {}.", error.explained(), arguments.selectors());
    let account = swept.account();
    if !account.is_empty() {
        detail = format!("{detail}\n\n{account}");
    }
    if !swept.listed {
        detail.push_str(" The devices could not be listed.");
    }
    if matches!(error, SweepError::Deletions { .. } | SweepError::Interrupted(_) | SweepError::List(_)) {
        detail = format!("{detail}\n\n{}{BY_HAND}", then.told());
    }
    Diagnostic::error(error.summary(), detail).at(error.attribute())
}

/// The same where nothing may stop the rest: a destroy.
#[must_use]
pub fn survived(error: &SweepError, swept: &Swept, arguments: &Arguments) -> Diagnostic {
    let mut told = problem(error, swept, arguments, Then::Nobody).into_warning(error.summary());
    if !told.detail.contains(BY_HAND) {
        told.detail = format!("{}\n\n{BY_HAND}", told.detail);
    }
    told.detail.push_str(" With fail_on_destroy_error = true this would have failed the destroy.");
    told
}

/// Tells what stays although the selectors match, where the user may not expect it.
fn warn_of_kept<D>(context: &Context<D>, swept: &Swept) {
    let told = |(device, why): &(_, Keep)| {
        let why = match why {
            Keep::Recent(ripe) => format!("it can be deleted after {ripe} (offline_for)"),
            Keep::Ageless => "it is unknown for how long it has been disconnected".to_owned(),
            Keep::Nameless => "it has no id".to_owned(),
            Keep::Unreported => {
                "the control plane does not report whether it is connected (connectedToControl)".to_owned()
            }
            Keep::Unassigned => {
                "its name is missing or has no tailnet's suffix, or the API does not report whether it is shared in (isExternal)".to_owned()
            }
            Keep::Ambiguous => "a device that stays has the same id".to_owned(),
            Keep::Changed => "it changed during the cleanup".to_owned(),
            // Connected devices are what a tailnet is for; what is protected or shared in was meant to stay.
            Keep::Connected | Keep::External | Keep::Protected => return None,
        };
        Some(format!("{}: {why}", Told(device)))
    };
    let kept: Vec<String> = swept.kept.iter().filter_map(told).collect();
    if !kept.is_empty() {
        let detail =
            format!("The selectors match these devices, but the rules keep them. No action is needed.{}", listed(kept));
        context.warn(Diagnostic::warning("Selected devices are kept", detail).at(AttributePath::new("offline_for")));
    }
}

/// Tells that apply will delete nothing, because the tailnet is not the one that is meant.
pub fn warn_of_mismatch<D>(context: &Context<D>, mismatch: Mismatch) {
    let error = SweepError::Tailnet(mismatch);
    context.warn(Diagnostic::warning(error.summary(), error.explained()).at(error.attribute()));
}

/// Why the plan at apply is refused: the user approved the deletion of other devices.
#[must_use]
pub fn unannounced(devices: Vec<tazlab_clients::tailscale::Device>) -> Diagnostic {
    let error = SweepError::Unannounced(devices);
    Diagnostic::error(error.summary(), error.explained()).at(error.attribute())
}

/// Tells what apply will do, by what is there while planning.
pub fn warn_of_forecast<D>(context: &Context<D>, forecast: &Forecast, orders: &Orders) {
    warn_of_unmatched(context, &forecast.unmatched);
    let count = forecast.stale.len() + forecast.awaited.len();
    if count > orders.max_deletions {
        let detail = format!(
            "{} the selectors, and max_deletions is {}: nothing would be deleted, and apply would fail.{}{}",
            counted(count, "device matches", "devices match"),
            orders.max_deletions,
            lines(&forecast.stale),
            lines(&forecast.awaited)
        );
        let warning = Diagnostic::warning("More devices match than may be deleted", detail);
        context.warn(warning.at(AttributePath::new("max_deletions")));
        return;
    }
    if !forecast.stale.is_empty() {
        let (summary, verb) = if orders.dry_run {
            ("Devices would be deleted (dry_run)", "would be deleted (dry_run)")
        } else {
            ("Devices will be deleted", "will be deleted")
        };
        let detail = format!(
            "{} {verb}. Devices of the tailnet {} now:{}\n\nApply reads them again and follows the same rules.",
            counted(forecast.stale.len(), "tailnet device", "tailnet devices"),
            forecast.tailnet,
            lines(&forecast.stale)
        );
        context.warn(Diagnostic::warning(summary, detail));
    }
    if !forecast.awaited.is_empty() {
        let detail = format!(
            "{} connected, or {} until recently. Apply waits, at most {:?} (wait_timeout), and then deletes:{}",
            counted(forecast.awaited.len(), "tailnet device is", "tailnet devices are"),
            if forecast.awaited.len() == 1 { "was" } else { "were" },
            orders.wait_timeout,
            lines(&forecast.awaited)
        );
        let warning = Diagnostic::warning("Apply waits for connected devices", detail);
        context.warn(warning.at(AttributePath::new("connected")));
    }
    if !forecast.held.is_empty() {
        let held = SweepError::Held(forecast.held.clone());
        let detail = format!("Apply would fail. {}", held.explained());
        context.warn(Diagnostic::warning(held.summary(), detail).at(held.attribute()));
    }
}
