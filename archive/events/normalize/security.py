"""Browser security reports (Relay, protocol/security_report.rs)."""

from archive.events.normalize.scalars import (
    TEXT,
    read_bool,
    read_signed,
    read_unsigned,
)
from archive.events.normalize.shapes import Field, Struct, array, fields
from archive.events.normalize.trim import LARGE, bag

CERTIFICATE_CHAINS = fields(array(TEXT), "served_certificate_chain", "validated_certificate_chain")

READERS = {
    "csp": Struct(
        "csp",
        [
            *fields(TEXT, "effective_directive", "blocked_uri", "document_uri", "original_policy"),
            Field("referrer", TEXT),
            Field("status_code", read_unsigned),
            *fields(TEXT, "violated_directive", "source_file"),
            *fields(read_unsigned, "line_number", "column_number"),
            *fields(TEXT, "script_sample", "disposition"),
        ],
    ),
    "hpkp": Struct(
        "hpkp",
        [
            *fields(TEXT, "date_time", "hostname"),
            Field("port", read_unsigned),
            Field("effective_expiration_date", TEXT),
            Field("include_subdomains", read_bool),
            Field("noted_hostname", TEXT),
            *CERTIFICATE_CHAINS,
            Field("known_pins", array(TEXT), required=True),
        ],
    ),
    "expectct": Struct(
        "expectct",
        [
            *fields(TEXT, "date_time", "hostname"),
            Field("port", read_signed),
            *fields(TEXT, "scheme", "effective_expiration_date"),
            *CERTIFICATE_CHAINS,
            Field(
                "scts",
                array(
                    Struct(
                        "singlecertificatetimestamp",
                        [
                            Field("version", read_signed),
                            *fields(TEXT, "status", "source", "serialized_sct"),
                        ],
                    )
                ),
            ),
            Field("failure_mode", TEXT),
            Field("test_report", read_bool),
        ],
    ),
    "expectstaple": Struct(
        "expectstaple",
        [
            *fields(TEXT, "date_time", "hostname"),
            Field("port", read_signed),
            *fields(TEXT, "effective_expiration_date", "response_status", "cert_status"),
            *CERTIFICATE_CHAINS,
            Field("ocsp_response", bag(LARGE)),
        ],
    ),
}
