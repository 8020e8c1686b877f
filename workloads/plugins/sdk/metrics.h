// What the collector knows about itself, as Proxy-Wasm metrics.
#pragma once

void metrics_define(void);
void metrics_report(void);
