module sluice/plugins

go 1.24
