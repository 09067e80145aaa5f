"""A file of each format, written and read as `alcli convert` does it."""

import pytest

import alcli


class Files:
    """Writes and reads files of any format in a folder of the test's own."""

    def __init__(self, folder):
        self.path = folder / "file"

    def write(self, name, records, **params):
        """Return the bytes that records become."""
        alcli.convert(records, str(self.path), target_format=name, **params)
        return self.path.read_bytes()

    def read(self, name, data=None, **params):
        """Return the records in some bytes, or in what was written last."""
        if data is not None:
            self.path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return alcli.convert(str(self.path), source_format=name, **params)


@pytest.fixture
def files(tmp_path):
    return Files(tmp_path)
