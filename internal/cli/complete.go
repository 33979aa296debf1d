package cli

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/registry"
)

// completeTime is how long a person who pressed tab waits for the registry.
const completeTime = time.Second

// live asks the registry for the words that a shell is offered, each with what it means
// after a tab. Of those that are the same the first stays. Without a daemon there are none.
func (s *session) live(ctx context.Context, questions ...func(context.Context, *registry.Client) ([]string, error)) []string {
	ctx, cancel := context.WithTimeout(ctx, completeTime)
	defer cancel()
	var words []string
	_ = s.onRegistry(ctx, func(ctx context.Context, c *registry.Client) error {
		for _, ask := range questions {
			more, err := ask(ctx, c)
			if err != nil {
				return err
			}
			words = append(words, more...)
		}
		return nil
	})
	seen := map[string]bool{}
	return slices.DeleteFunc(words, func(w string) bool {
		word, _, _ := strings.Cut(w, "\t")
		again := seen[word]
		seen[word] = true
		return again
	})
}

func toolWords(ctx context.Context, c *registry.Client) (words []string, err error) {
	tools, err := c.Tools(ctx, "")
	for _, t := range tools {
		words = append(words, string(t.Tool.Name)+"\t"+t.Tool.Description)
	}
	return words, err
}

func nodeWords(ctx context.Context, c *registry.Client) (words []string, err error) {
	nodes, err := c.Nodes(ctx, event.NodeDiscoveryRequest{})
	for _, n := range nodes {
		words = append(words, string(n.Name)+"\t"+string(n.Status))
	}
	return words, err
}

// completeTools offers the tools that can be called now, as the first argument.
func (s *session) completeTools(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return s.live(cmd.Context(), toolWords), cobra.ShellCompDirectiveNoFileComp
}

// completeNodes offers the nodes that the registry knows.
func (s *session) completeNodes(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	return s.live(cmd.Context(), nodeWords), cobra.ShellCompDirectiveNoFileComp
}

// completeAll offers nodes, tools and files, whatever describe can be asked about.
func (s *session) completeAll(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return s.live(cmd.Context(), nodeWords, toolWords), cobra.ShellCompDirectiveDefault
}

// completeSetting offers the settings for --set.
func completeSetting(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, setting := range app.Settings() {
		if !setting.Secret {
			names = append(names, setting.Key+"=")
		}
		if setting.InFile() {
			names = append(names, setting.Key+"_file=")
		}
	}
	return names, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}

// completeChoices completes the flags of cmd, and of all commands below it, that take
// one word of a set, as their type says it: text|json.
func completeChoices(cmd *cobra.Command) {
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		words := strings.Split(f.Value.Type(), "|")
		if _, own := cmd.GetFlagCompletionFunc(f.Name); !own && len(words) > 1 {
			complete(cmd, f.Name, words...)
		}
	})
	for _, c := range cmd.Commands() {
		completeChoices(c)
	}
}
