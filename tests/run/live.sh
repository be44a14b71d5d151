#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The whole chain in a Linux 6.1 under QEMU, as `make check-live` has it: a USB camera,
# scrimd, the driver, and the programs that read.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit
# shellcheck disable=SC2034 # read by tests/run.sh: seconds that this may take
limit=3000
unset MAKEFLAGS MAKELEVEL

tests/setup/setup.sh build demo vm live || exit
make -s all vm-live || exit
# What failed or was skipped is repeated at the end there, and counted once here.
VM_TESTS=live tests/vm/check.sh 6.1 | awk '!/^(not ok|skip) - / || !said[$0]++'
