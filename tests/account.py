"""An embedded AWS taken for an account: with LAB_TARGET=aws the lab knows nothing but a profile, which names it.

Profiles name endpoints, for boto3 as for the CDK: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
"""

from __future__ import annotations

import os
from pathlib import Path

from lab import target

PROFILE = "classroom"
OF_THE_TARGET = ("AWS_", "LAB_")


def signed_in(folder: Path) -> dict[str, str]:
    """Return the variables of a person who signed in to the environment's AWS. folder: for everything written."""
    known = target.environment()
    config, credentials = folder / "config", folder / "credentials"
    config.write_text(
        f"[profile {PROFILE}]\nregion = {known['AWS_REGION']}\nendpoint_url = {known['AWS_ENDPOINT_URL']}\n"
    )
    credentials.touch(mode=0o600)
    credentials.write_text(
        f"[{PROFILE}]\naws_access_key_id = {known['AWS_ACCESS_KEY_ID']}\n"
        f"aws_secret_access_key = {known['AWS_SECRET_ACCESS_KEY']}\n"
    )
    own = {name: value for name, value in os.environ.items() if not name.startswith(OF_THE_TARGET)}
    return own | {
        "LAB_TARGET": "aws",
        "LAB_STATE": str(folder / "state"),
        "LAB_BUILD": str(folder / "build"),
        "AWS_PROFILE": PROFILE,
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
        "AWS_EC2_METADATA_DISABLED": "true",
        "SSL_CERT_FILE": str(target.mqtt().ca_file),  # AWS's own authority is public, this one's is not
    }
