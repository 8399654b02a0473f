"""The flows as the service and work pools run them: with their hooks. Deployments name them as flows.deployed.NAME."""

from flows.alerts import failed, finished
from flows.ingest import ingest as plain_ingest
from flows.replay import replay as plain_replay

ingest = plain_ingest.with_options(on_completion=[finished], on_failure=[failed, finished], on_crashed=[failed])
replay = plain_replay.with_options(on_failure=[failed], on_crashed=[failed])
