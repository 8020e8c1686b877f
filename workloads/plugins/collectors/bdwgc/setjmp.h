// libgc includes this header but, on the branch that we compile, calls nothing from it. wasi-libc has none.
#pragma once

typedef int jmp_buf[1];
