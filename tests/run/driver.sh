#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The driver in a Linux 6.1 under QEMU, as `make check-vm` has it.  What that needs and
# the machine does not have is fetched first.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit
# shellcheck disable=SC2034 # read by tests/run.sh: seconds that this may take
limit=2400
unset MAKEFLAGS MAKELEVEL

tests/setup/setup.sh build vm || exit
make -s vm-programs || exit
# What failed or was skipped is repeated at the end there, and counted once here.
tests/vm/check.sh 6.1 | awk '!/^(not ok|skip) - / || !said[$0]++'
