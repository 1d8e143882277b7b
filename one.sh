IF_BOARD_SEED=${1:-1} timeout 170 node --import tsx test/workflows/interleavings.test.ts 2>&1 | grep -v "^    at\|^ *Hint\|^$" | head -${2:-40}
