"""The one exception that becomes an AWS error on the wire."""

from __future__ import annotations


class AwsError(Exception):
    """An error as AWS answers it.

    Parameters: code, the error's name as in the service's API reference; message, the sentence for the caller;
    status, the HTTP status (4xx for the caller's fault, 5xx for ours); fields, further members of the error document.
    """

    def __init__(self, code: str, message: str, status: int = 400, **fields: object) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.fields = fields
