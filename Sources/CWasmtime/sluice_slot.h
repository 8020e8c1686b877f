#ifndef SLUICE_SLOT_H
#define SLUICE_SLOT_H

#include <stdint.h>

/// One parameter or result of an unchecked call, laid out as `wasmtime_val_raw_t`: 16 bytes, the value at the
/// beginning in little-endian order, whatever its type.
typedef struct sluice_value_slot {
    uint64_t low;
    uint64_t high;
} sluice_value_slot_t;

#endif
