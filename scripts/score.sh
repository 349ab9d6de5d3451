#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# ./dev score [TRANSCRIPTS-DIR] [--unlabelled|--mistakes]: precision and recall of both sets of rules on
# labelled sessions. SCORE names the program.
set -euo pipefail

if ((!$#)) || [[ ! -d $1 ]]; then
  cat >&2 <<'TEXT'
score: which sessions? Give the directory that holds them: ./dev score TRANSCRIPTS-DIR

The labels in tests/review/labels name sessions and records of agent sessions that their authors have
published, and hold no word of them. The sessions themselves are other people's data and therefore no part
of this project; docs/detectors.md says which they are. Any directory below which their files stand will
do. With sessions of your own: label them first; --unlabelled lists the records that want a label.
TEXT
  exit 2
fi
exec "${SCORE:-build/release/tests/daybook-score}" "$@"
