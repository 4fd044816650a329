// Command policies enforces network policies by iptables and ipset: the policy controller of kube-router, without its
// router and its proxy.
package main

import (
	"fmt"
	"os"
	"sync"

	"github.com/cloudnativelabs/kube-router/v2/pkg/controllers/netpol"
	"github.com/cloudnativelabs/kube-router/v2/pkg/healthcheck"
	"github.com/cloudnativelabs/kube-router/v2/pkg/options"
	"github.com/spf13/pflag"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	config := options.NewKubeRouterConfig()
	config.AddFlags(pflag.CommandLine)
	pflag.Parse()
	config.EnableIPv6 = false

	connection, err := clientcmd.BuildConfigFromFlags("", config.Kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(connection)
	if err != nil {
		return err
	}
	never := make(chan struct{})
	objects := informers.NewSharedInformerFactory(client, 0)
	pods := objects.Core().V1().Pods().Informer()
	namespaces := objects.Core().V1().Namespaces().Informer()
	policies := objects.Networking().V1().NetworkPolicies().Informer()
	objects.Start(never)
	objects.WaitForCacheSync(never)

	iptables, ipsets, err := netpol.NewIPTablesHandlers(config)
	if err != nil {
		return err
	}
	var iptablesLock sync.Mutex
	controller, err := netpol.NewNetworkPolicyController(
		client, config, pods, policies, namespaces, &iptablesLock, iptables, ipsets)
	if err != nil {
		return err
	}
	if _, err := pods.AddEventHandler(controller.PodEventHandler); err != nil {
		return err
	}
	if _, err := namespaces.AddEventHandler(controller.NamespaceEventHandler); err != nil {
		return err
	}
	if _, err := policies.AddEventHandler(controller.NetworkPolicyEventHandler); err != nil {
		return err
	}

	// The controller reports every pass and blocks when no one takes its reports.
	reports := make(chan *healthcheck.ControllerHeartbeat, 16)
	go func() {
		for range reports {
		}
	}()
	var done sync.WaitGroup
	done.Add(1)
	go controller.Run(reports, never, &done)
	done.Wait()
	return nil
}
