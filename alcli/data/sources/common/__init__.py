"""Parts of sources that read text out of responses."""
