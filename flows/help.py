"""What `--help` says of each command: one line for the list, then how it is used."""

COMMANDS = {
    "ingest": """Fetch what is due, clean it, store it.

Without names: every enabled source. A second run fetches only what changed. A source that is named is fetched although it is
not enabled.

- `unscrape ingest sample`
- `unscrape ingest mysource --since 2026-01-31`
- `unscrape ingest mysource --url https://example.org/news/17 --force`
""",
    "replay": """Clean again from raw/, without the network.

A new revision is written only where the result differs, e.g. after an upgrade or a change of the source's description.

- `unscrape replay`
- `unscrape replay mysource --all`
""",
    "retry": """Try again what failed.

Fetches every page whose last try failed, whether it is due or not.

- `unscrape retry`
- `unscrape retry mysource`
""",
    "clean": """Clean one document to stdout; store nothing.

A document that does not pass is printed with its reason, and the exit code is 1.

- `unscrape clean page.html --format text`
- `unscrape clean https://example.org/news/17 --format markdown`
- `curl -s https://example.org/ | unscrape clean - --url https://example.org/`
- `unscrape clean old.txt --source infoshos`
- `unscrape clean page.html --sentences`
""",
    "schedule": """Ingest every source on its own cron, until stopped.

Starts a Prefect server unless PREFECT_API_URL names one, and a worker. Ctrl-C or SIGTERM stops it cleanly; what was missed
while it was down is caught up once. The operating guide is docs/operating.md.

- `unscrape schedule`
- `unscrape schedule --limit 4 --port 4300`
""",
    "bulk": """Clean many captures (WARC files or raw/) in shards, on many processes.

Each shard of input makes one shard of output; what is done is not done again after an interruption.

- `unscrape bulk crawl-*.warc.gz --out out/`
- `unscrape bulk raw/mysource --out out/ --workers 8`
- `unscrape bulk s3://bucket/crawl.warc.gz --out s3://bucket/out --scheduler tcp://10.0.0.1:8786`
""",
    "status": """Where each source stands, and what failed.

- `unscrape status`
- `unscrape status --failures`
""",
    "show": """Print a stored record.

- `unscrape show https://example.org/news/17 --format markdown`
- `unscrape show url:0f3a…`
- `unscrape show https://example.org/news/17 --raw > page.html`
""",
    "explain": """What was done to a document, and why.

Every fact with its evidence, every change of the text, everything that was removed or left alone though suspect.

- `unscrape explain https://example.org/news/17`
""",
    "history": """The revisions of a document.

- `unscrape history https://example.org/news/17`
""",
    "diff": """What changed between two revisions.

Word by word; what went stands in [-…-], what came in {+…+}. Without numbers: between the last two.

- `unscrape diff https://example.org/news/17`
- `unscrape diff https://example.org/news/17 1 3`
""",
    "report": """Write the report page.

What came, what was stripped and what was repaired, by source and document; a folder of files that opens without a server.

- `unscrape report --open`
""",
    "export": """Write records as Parquet, JSON, Markdown, text or WARC.

- `unscrape export parquet --to parquet/`
- `unscrape export markdown --to pages/ --source mysource`
- `unscrape export jsonl.zst --to dump/ --since 2026-01-31`
- `unscrape export warc --to warc/`
""",
    "schema": """Print the JSON Schema of records or sources.

- `unscrape schema`
- `unscrape schema --name source`
""",
    "verify": """Prove that raw/, the ledger and clean/ agree.

The exit code is 1 where something is wrong and was not repaired.

- `unscrape verify`
- `unscrape verify --repair`
""",
    "purge": """Take a document out of everything, for good.

Out of raw/, clean/, the ledger and the exports. Only its hash is kept, by which it stays out.

- `unscrape purge https://example.org/people/17 --yes`
""",
    "sources": """List, show, check and write sources.

- `unscrape sources list`
- `unscrape sources new https://example.org/news/1 https://example.org/news/2 https://example.org/news/3`
- `unscrape sources new saved-1.html saved-2.html --name mysource`
- `unscrape sources new https://example.org/news/ --blank`
- `unscrape sources check mysource`
- `unscrape sources learn mysource`
""",
}
