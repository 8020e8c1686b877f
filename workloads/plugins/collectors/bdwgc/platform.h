// Included before everything when libgc is compiled: how its Emscripten branch is told about WASI.
#pragma once

#define __EMSCRIPTEN__ 1
#define EMSCRIPTEN_TINY 1 // memory from emmalloc_memalign (ours, in port.c) rather than from mmap

#define GETPAGESIZE() 65536u
#define NO_EXECUTE_PERMISSION 1
#define NO_GETENV 1
#define NO_DEBUGGING 1
#define NO_CLOCK 1 // no time limit on a collection, and so no clock

#define ALL_INTERIOR_POINTERS 1
#define GC_ATOMIC_UNCOLLECTABLE 1
#define MAX_HEAP_SECTS 2048 // the default ends a few hundred MiB below the usual 1 GiB cap

// wasi-libc refuses its signal.h and mman.h without these. Nothing in them is called.
#define _WASI_EMULATED_SIGNAL 1
#define _WASI_EMULATED_MMAN 1
