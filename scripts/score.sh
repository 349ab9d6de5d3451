#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# ./dev score [TRANSCRIPTS-DIR [LABELS-DIR]] [--unlabelled|--mistakes]: precision and recall of both sets of
# rules on labelled sessions. SCORE names the program.
set -euo pipefail

if ((!$#)) || [[ ! -d $1 ]]; then
  cat >&2 <<'TEXT'
score: which sessions? Give the directory that holds them: ./dev score TRANSCRIPTS-DIR

The labels in tests/review/labels name sessions and records of agent sessions that their authors have
published, and hold no word of them. The sessions themselves are other people's data and therefore no part
of this project. Any directory below which their files stand will do; docs/detectors.md tells how they were
labelled and what was measured. With sessions of your own: write labels into *.tsv files of a directory of
their own and name it, too: ./dev score TRANSCRIPTS-DIR LABELS-DIR; --unlabelled lists the records that want
a label, --mistakes where labels and rules differ.
TEXT
  exit 2
fi
. "$(dirname "${BASH_SOURCE[0]}")/apart.sh"
apart "${SCORE:-build/dev/tests/daybook-score}" "$@"
