// Reads dashboards as Grafana does, and reports every field that it does not know or that is not valid. The number of such files is the exit code.
package main

import (
	"fmt"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func main() {
	plugins.RegisterDefaultPlugins()
	invalid := 0
	for _, file := range os.Args[1:] {
		if err := check(file); err != nil {
			fmt.Printf("%s: %s\n", file, err)
			invalid++
		}
	}
	os.Exit(invalid)
}

func check(file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var parsed dashboard.Dashboard
	if err := present(parsed.UnmarshalJSONStrict(content)); err != nil {
		return err
	}
	if len(parsed.Panels) == 0 {
		return fmt.Errorf("no panels")
	}
	return present(parsed.Validate())
}

// The library returns a nil error of a type of its own, which is not nil as an error.
func present(err error) error {
	if err == nil || err.Error() == "" {
		return nil
	}
	return err
}
