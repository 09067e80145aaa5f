"""Fixture that writes and reads files of any format, as `alcli convert` does."""

import pytest

import alcli


class Files:
    """Writer and reader of a file in any format."""

    def __init__(self, folder):
        self.path = folder / "file"

    def write(self, name, records, **params):
        """Write records, and return the bytes of the file."""
        alcli.convert(records, str(self.path), target_format=name, **params)
        return self.path.read_bytes()

    def read(self, name, data=None, **params):
        """Return the records in `data`, or in the current file."""
        if data is not None:
            self.path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return alcli.convert(str(self.path), source_format=name, **params)


@pytest.fixture
def files(tmp_path):
    return Files(tmp_path)
