//! The Gateway API's kinds. Their condition `Ready` is reserved and not used; routes have conditions for each parent only.

use serde::Deserialize;

use super::{Judgement, Link, Rule, View};
use crate::readiness::kind::Id;
use crate::readiness::objects::Condition;
use crate::readiness::sighting::Reason;

const GROUP: &str = "gateway.networking.k8s.io";

pub(super) const RULES: &[Rule] = &[
    Rule {
        kind: "GatewayClass",
        plural: "gatewayclasses",
        namespaced: false,
        counted: "GatewayClasses Accepted",
        ready: "condition Accepted is True",
        source: "sigs.k8s.io/gateway-api v1.3 `apis/v1/gatewayclass_types.go`",
        judge: |object| object.expects("Accepted", "True").into(),
        ..route("", "", "")
    },
    Rule {
        kind: "Gateway",
        plural: "gateways",
        counted: "Gateways Programmed",
        ready: "conditions Accepted and Programmed are True (`Ready` is reserved and not used)",
        source: "sigs.k8s.io/gateway-api v1.3 `apis/v1/gateway_types.go`",
        judge: |object| object.all(&["Accepted", "Programmed"]).into(),
        ..route("", "", "")
    },
    route("HTTPRoute", "httproutes", "HTTPRoutes Accepted"),
    route("GRPCRoute", "grpcroutes", "GRPCRoutes Accepted"),
    route("TLSRoute", "tlsroutes", "TLSRoutes Accepted"),
];

const fn route(kind: &'static str, plural: &'static str, counted: &'static str) -> Rule {
    Rule {
        kind,
        group: GROUP,
        plural,
        version: None,
        namespaced: true,
        counted,
        ready: "for each of `spec.parentRefs`, Accepted and ResolvedRefs are True in `status.parents`",
        source: "sigs.k8s.io/gateway-api v1.3 `apis/v1/shared_types.go`, `RouteParentStatus`",
        judge: routed,
    }
}

/// A parent, with the defaults of the API filled in.
#[derive(Debug, PartialEq, Eq)]
struct Parent<'a> {
    group: &'a str,
    kind: &'a str,
    id: Id,
    section: &'a str,
    port: Option<i64>,
}

impl<'a> Parent<'a> {
    fn of(route: View<'_>, reference: View<'a>) -> Self {
        let or = |text: &'a str, default| if text.is_empty() { default } else { text };
        let namespace = or(reference.text("/namespace"), "").to_owned();
        let namespace = if namespace.is_empty() { route.id().namespace } else { namespace };
        Self {
            // An empty group is the core's, one that is missing the Gateway API's.
            group: reference.at("/group").map_or(GROUP, |_| reference.text("/group")),
            kind: or(reference.text("/kind"), "Gateway"),
            id: Id { namespace, name: reference.text("/name").to_owned() },
            section: reference.text("/sectionName"),
            port: reference.number("/port"),
        }
    }
}

fn routed(object: View<'_>) -> Judgement {
    let parents: Vec<Parent<'_>> =
        object.list("/spec/parentRefs").map(|reference| Parent::of(object, reference)).collect();
    if parents.is_empty() {
        // It is attached to nothing, so nothing will ever be said about it.
        return Judgement::exists();
    }
    let found = parents.iter().try_for_each(|parent| attached(object, parent));
    let links = parents.into_iter().filter(|parent| (parent.group, parent.kind) == (GROUP, "Gateway"));
    let links = links.map(|parent| Link { kind: "Gateway".to_owned(), group: GROUP, id: parent.id });
    Judgement::from(found).waiting_for(links)
}

/// Several controllers may write about one parent: it is enough that one of them has taken the route.
fn attached(object: View<'_>, parent: &Parent<'_>) -> Result<(), Reason> {
    let place = match parent.section {
        "" => format!("{} {}", parent.kind, parent.id),
        section => format!("{} {} ({section})", parent.kind, parent.id),
    };
    let mut worst = Reason::seen(format!("no controller has accepted it for {place} yet"));
    let told = object.list("/status/parents").filter(|status| {
        status.at("/parentRef").is_some_and(|reference| Parent::of(object, View(reference)) == *parent)
    });
    for status in told {
        match ["Accepted", "ResolvedRefs"].iter().try_for_each(|kind| holds(object, status, kind)) {
            Ok(()) => return Ok(()),
            Err(reason) => worst = Reason { message: format!("at {place}: {}", reason.message), ..reason },
        }
    }
    Err(worst)
}

fn holds(object: View<'_>, parent: View<'_>, kind: &str) -> Result<(), Reason> {
    let mut all = parent.list("/conditions").filter(|one| one.text("/type") == kind);
    let found = all.find_map(|one| Condition::deserialize(one.0).ok());
    let Some(found) = found else { return Err(Reason::seen(format!("it has no condition {kind} yet"))) };
    if !found.has("True") {
        return Err(found.named(kind, "True"));
    }
    if object.is_current(found.observed_generation()) {
        return Ok(());
    }
    Err(Reason::seen("its controller has not observed its latest change yet"))
}
