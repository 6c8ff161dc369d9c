//! Names of record types, classes, response codes and operations that the dns library of CoreDNS 1.15.0 knows
//! (github.com/miekg/dns v1.1.73).

const TYPES: &str = "A AAAA AFSDB AMTRELAY ANY APL ATMA AVC AXFR CAA CDNSKEY CDS CERT CNAME CSYNC DHCID DLV DNAME DNSKEY DS EID \
    EUI48 EUI64 GID GPOS HINFO HIP HTTPS IPSECKEY ISDN IXFR KEY KX L32 L64 LOC LP MAILA MAILB MB MD MF MG MINFO MR MX NAPTR NID \
    NIMLOC NINFO NS NSEC NSEC3 NSEC3PARAM NULL NXNAME NXT None OPENPGPKEY OPT PTR PX RESINFO RKEY RP RRSIG RT Reserved SIG \
    SMIMEA SOA SPF SRV SSHFP SVCB TA TALINK TKEY TLSA TSIG TXT UID UINFO UNSPEC URI X25 ZONEMD NSAP-PTR";

const CLASSES: [&str; 6] = ["IN", "CS", "CH", "HS", "NONE", "ANY"];

const RESPONSE_CODES: [&str; 21] = [
    "NOERROR",
    "FORMERR",
    "SERVFAIL",
    "NXDOMAIN",
    "NOTIMP",
    "REFUSED",
    "YXDOMAIN",
    "YXRRSET",
    "NXRRSET",
    "NOTAUTH",
    "NOTZONE",
    "DSOTYPENI",
    "BADSIG",
    "BADKEY",
    "BADTIME",
    "BADMODE",
    "BADNAME",
    "BADALG",
    "BADTRUNC",
    "BADCOOKIE",
    "NOTIMPL",
];

const OPERATIONS: [&str; 5] = ["QUERY", "IQUERY", "STATUS", "NOTIFY", "UPDATE"];

/// Whether a record type is known, in the case in which it is written.
pub(crate) fn is_type(text: &str) -> bool {
    !text.is_empty() && TYPES.split(' ').any(|name| name == text)
}

pub(crate) fn is_class(text: &str) -> bool {
    CLASSES.contains(&text)
}

pub(crate) fn is_response_code(text: &str) -> bool {
    RESPONSE_CODES.contains(&text)
}

pub(crate) fn is_operation(text: &str) -> bool {
    OPERATIONS.contains(&text)
}

/// The nearest record type to a mistyped one.
pub(crate) fn nearest_type(text: &str) -> Option<&'static str> {
    let upper = text.to_uppercase();
    if is_type(&upper) {
        return TYPES.split(' ').find(|name| *name == upper);
    }
    crate::nearest::of(text, TYPES.split(' '))
}
