// The Boehm–Demers–Weiser collector as both of its flavours use it; they differ only in how they ask for payload.
#pragma once

#include <stddef.h>

#include "gc.h"

#include "backend.h"
