// A Kubernetes API server of today for tests: the unmodified apiextensions-apiserver (custom resources, encryption at
// rest, reload, KMS) and a few built-in types, on the real generic registry and etcd storage, stored as kube-apiserver
// stores them. Nothing is validated and nothing has defaults.
//
//	modern serve SOCKET [FLAGS...]   serves on a Unix socket
//	modern check FILE...             a line on each encryption configuration: "ok", or why no API server would start with it
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	apidiscoveryv2 "k8s.io/api/apidiscovery/v2"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/cmd/server/options"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/util/managedfields"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	genericapi "k8s.io/apiserver/pkg/endpoints"
	"k8s.io/apiserver/pkg/endpoints/discovery"
	aggregated "k8s.io/apiserver/pkg/endpoints/discovery/aggregated"
	"k8s.io/apiserver/pkg/registry/generic"
	"k8s.io/apiserver/pkg/registry/generic/registry"
	"k8s.io/apiserver/pkg/registry/rest"
	genericapiserver "k8s.io/apiserver/pkg/server"
	genericoptions "k8s.io/apiserver/pkg/server/options"
	"k8s.io/apiserver/pkg/server/options/encryptionconfig"
	"k8s.io/apiserver/pkg/server/options/encryptionconfig/controller"
	"k8s.io/apiserver/pkg/storage/names"
	"k8s.io/client-go/tools/cache"
	"k8s.io/component-base/cli"
)

// A built-in type; its directory in etcd is the resource's name where none is given.
type builtIn struct {
	groupVersion                        schema.GroupVersion
	resource, singular, kind, directory string
	isNamespaced                        bool
}

var (
	scheme = runtime.NewScheme()
	codecs = serializer.NewCodecFactory(scheme)
	table  = []builtIn{
		{corev1.SchemeGroupVersion, "namespaces", "namespace", "Namespace", "", false},
		{corev1.SchemeGroupVersion, "secrets", "secret", "Secret", "", true},
		{corev1.SchemeGroupVersion, "configmaps", "configmap", "ConfigMap", "", true},
		{corev1.SchemeGroupVersion, "services", "service", "Service", "services/specs", true},
		{appsv1.SchemeGroupVersion, "deployments", "deployment", "Deployment", "", true},
		{networkingv1.SchemeGroupVersion, "ingresses", "ingress", "Ingress", "ingress", true},
		{rbacv1.SchemeGroupVersion, "clusterroles", "clusterrole", "ClusterRole", "", false},
	}
)

func internal(version schema.GroupVersion) schema.GroupVersion {
	return schema.GroupVersion{Group: version.Group, Version: runtime.APIVersionInternal}
}

func init() {
	for _, add := range []func(*runtime.Scheme) error{
		corev1.AddToScheme, appsv1.AddToScheme, networkingv1.AddToScheme, rbacv1.AddToScheme,
	} {
		utilruntime.Must(add(scheme))
	}
	// The versioned types serve as the internal ones too, so there is nothing to convert.
	for _, one := range table {
		for _, kind := range []string{one.kind, one.kind + "List"} {
			scheme.AddKnownTypes(internal(one.groupVersion), makerOf(one.groupVersion.WithKind(kind))())
		}
		utilruntime.Must(scheme.SetVersionPriority(one.groupVersion))
	}
	metav1.AddToGroupVersion(scheme, schema.GroupVersion{Version: "v1"})
}

func makerOf(kind schema.GroupVersionKind) func() runtime.Object {
	return func() runtime.Object {
		object, err := scheme.New(kind)
		utilruntime.Must(err)
		return object
	}
}

type strategy struct {
	runtime.ObjectTyper
	names.NameGenerator
	isNamespaced bool
}

func (s strategy) NamespaceScoped() bool                                          { return s.isNamespaced }
func (strategy) PrepareForCreate(context.Context, runtime.Object)                 {}
func (strategy) PrepareForUpdate(context.Context, runtime.Object, runtime.Object) {}
func (strategy) Validate(context.Context, runtime.Object) field.ErrorList         { return nil }
func (strategy) ValidateUpdate(context.Context, runtime.Object, runtime.Object) field.ErrorList {
	return nil
}
func (strategy) WarningsOnCreate(context.Context, runtime.Object) []string { return nil }
func (strategy) WarningsOnUpdate(context.Context, runtime.Object, runtime.Object) []string {
	return nil
}
func (strategy) Canonicalize(runtime.Object)    {}
func (strategy) AllowCreateOnUpdate() bool      { return false }
func (strategy) AllowUnconditionalUpdate() bool { return true }

type directoryOptions struct {
	generic.RESTOptionsGetter
	directory string
}

func (d directoryOptions) GetRESTOptions(
	resource schema.GroupResource, example runtime.Object,
) (generic.RESTOptions, error) {
	found, err := d.RESTOptionsGetter.GetRESTOptions(resource, example)
	found.ResourcePrefix = d.directory
	return found, err
}

// A Unix socket that passes for the TCP listener which the API server insists on.
type socket struct{ net.Listener }

func (socket) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 6443} }

func serve(ctx context.Context, path string, o *options.CustomResourceDefinitionsServerOptions) error {
	controller.EncryptionConfigFileChangePollDuration = time.Second
	listener, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	o.RecommendedOptions.SecureServing.Listener = socket{listener}
	config, err := o.Config()
	if err != nil {
		return err
	}
	base := config.GenericConfig
	base.SkipOpenAPIInstallation = true
	base.LoopbackClientConfig.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}
	server, err := config.Complete().New(genericapiserver.NewEmptyDelegate())
	if err != nil {
		return err
	}
	s := server.GenericAPIServer
	stores := map[schema.GroupVersion]map[string]rest.Storage{}
	for _, one := range table {
		store, err := storeOf(one, *o.RecommendedOptions.Etcd, &base.Config)
		if err != nil {
			return err
		}
		if stores[one.groupVersion] == nil {
			stores[one.groupVersion] = map[string]rest.Storage{}
		}
		stores[one.groupVersion][one.resource] = store
	}
	for version, storage := range stores {
		if err := install(version, storage, s, &base.Config); err != nil {
			return err
		}
	}
	// What kube-aggregator serves in a whole kube-apiserver: all groups, and the APIServices, of which there are none.
	serveDiscovery(s, "/apis", s.DiscoveryGroupManager, s.AggregatedDiscoveryGroupManager, metav1.APIGroupList{})
	s.Handler.NonGoRestfulMux.HandleFunc("/apis/apiregistration.k8s.io/v1/apiservices",
		func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{},"rows":[],"columnDefinitions":[`+
				`{"name":"Name","type":"string","format":"name"},{"name":"Service","type":"string","format":""}]}`)
		})
	definitions := server.Informers.Apiextensions().V1().CustomResourceDefinitions().Informer()
	announce := func(any) { announceGroups(s, definitions.GetStore().List()) }
	if _, err := definitions.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: announce, UpdateFunc: func(_, now any) { announce(now) }, DeleteFunc: announce,
	}); err != nil {
		return err
	}
	return s.PrepareRun().RunWithContext(ctx)
}

func storeOf(one builtIn, etcd genericoptions.EtcdOptions, config *genericapiserver.Config) (rest.Storage, error) {
	etcd.StorageConfig.Codec = codecs.CodecForVersions(
		protobuf.NewSerializer(scheme, scheme), codecs.UniversalDeserializer(), one.groupVersion,
		internal(one.groupVersion))
	etcd.StorageConfig.StorageObjectCountTracker = config.StorageObjectCountTracker
	factory := &genericoptions.SimpleStorageFactory{StorageConfig: etcd.StorageConfig}
	directory := one.directory
	if directory == "" {
		directory = one.resource
	}
	resource := schema.GroupResource{Group: one.groupVersion.Group, Resource: one.resource}
	way := strategy{scheme, names.SimpleNameGenerator, one.isNamespaced}
	store := &registry.Store{
		NewFunc:                   makerOf(one.groupVersion.WithKind(one.kind)),
		NewListFunc:               makerOf(one.groupVersion.WithKind(one.kind + "List")),
		DefaultQualifiedResource:  resource,
		SingularQualifiedResource: schema.GroupResource{Group: one.groupVersion.Group, Resource: one.singular},
		CreateStrategy:            way,
		UpdateStrategy:            way,
		DeleteStrategy:            way,
		TableConvertor:            rest.NewDefaultTableConvertor(resource),
	}
	getter := directoryOptions{etcd.CreateRESTOptionsGetter(factory, config.ResourceTransformers), directory}
	return store, store.CompleteWithOptions(&generic.StoreOptions{RESTOptions: getter})
}

func install(
	version schema.GroupVersion, storage map[string]rest.Storage, s *genericapiserver.GenericAPIServer,
	config *genericapiserver.Config,
) error {
	info := genericapiserver.NewDefaultAPIGroupInfo(version.Group, scheme, runtime.NewParameterCodec(scheme), codecs)
	root := "/apis"
	if version.Group == "" {
		root = "/api"
	}
	served := map[string][]string{}
	for resource := range storage {
		served[resource] = []string{version.String()}
	}
	api := &genericapi.APIGroupVersion{
		Root: root, Storage: storage, GroupVersion: version, AllServedVersionsByResource: served,
		OptionsExternalVersion: info.OptionsExternalVersion,
		Serializer:             info.NegotiatedSerializer, ParameterCodec: info.ParameterCodec,
		Typer: scheme, Creater: scheme, Convertor: scheme, ConvertabilityChecker: scheme, Defaulter: scheme,
		Namer: runtime.Namer(meta.NewAccessor()), UnsafeConvertor: runtime.UnsafeObjectConvertor(scheme),
		TypeConverter:              managedfields.NewDeducedTypeConverter(),
		EquivalentResourceRegistry: s.EquivalentResourceRegistry,
		Authorizer:                 s.Authorizer, Admit: config.AdmissionControl,
		MinRequestTimeout:   time.Duration(config.MinRequestTimeout) * time.Second,
		MaxRequestBodyBytes: config.MaxRequestBodyBytes,
	}
	resources, _, err := api.InstallREST(s.Handler.GoRestfulContainer)
	if err != nil {
		return err
	}
	found := apidiscoveryv2.APIVersionDiscovery{
		Freshness: apidiscoveryv2.DiscoveryFreshnessCurrent, Version: version.Version, Resources: resources,
	}
	if version.Group == "" {
		s.AggregatedLegacyDiscoveryGroupManager.AddGroupVersion("", found)
		legacy := discovery.NewLegacyRootAPIHandler(config.DiscoveryAddresses, s.Serializer, "/api")
		serveDiscovery(s, "/api", legacy, s.AggregatedLegacyDiscoveryGroupManager, metav1.APIVersions{})
		return nil
	}
	s.AggregatedDiscoveryGroupManager.AddGroupVersion(version.Group, found)
	group := groupOf(version.Group, version.Version)
	s.DiscoveryGroupManager.AddGroup(group)
	s.Handler.GoRestfulContainer.Add(discovery.NewAPIGroupHandler(s.Serializer, group).WebService())
	return nil
}

func serveDiscovery(
	s *genericapiserver.GenericAPIServer, path string, plain http.Handler, manager aggregated.ResourceManager, kind any,
) {
	handler := aggregated.WrapAggregatedDiscoveryToHandler(plain, manager, manager)
	s.Handler.GoRestfulContainer.Add(handler.GenerateWebService(path, kind))
}

func groupOf(name string, versions ...string) metav1.APIGroup {
	group := metav1.APIGroup{Name: name}
	for _, version := range versions {
		group.Versions = append(group.Versions,
			metav1.GroupVersionForDiscovery{GroupVersion: name + "/" + version, Version: version})
	}
	group.PreferredVersion = group.Versions[0]
	return group
}

// Has discovery name the groups of all custom resources.
func announceGroups(s *genericapiserver.GenericAPIServer, definitions []any) {
	versions := map[string][]string{}
	for _, one := range definitions {
		spec := one.(*apiextensionsv1.CustomResourceDefinition).Spec
		for _, version := range spec.Versions {
			if version.Served && !slices.Contains(versions[spec.Group], version.Name) {
				versions[spec.Group] = append(versions[spec.Group], version.Name)
			}
		}
	}
	for group, served := range versions {
		s.DiscoveryGroupManager.AddGroup(groupOf(group, served...))
	}
}

func check(ctx context.Context, path string) string {
	if _, err := encryptionconfig.LoadEncryptionConfig(ctx, path, false, "modern"); err != nil {
		return strings.ReplaceAll(err.Error(), "\n", " ")
	}
	return "ok"
}

func main() {
	o := options.NewCustomResourceDefinitionsServerOptions(os.Stdout, os.Stderr)
	serving := &cobra.Command{
		Use: "serve SOCKET", Args: cobra.ExactArgs(1), SilenceUsage: true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			return o.ServerRunOptions.ComponentGlobalsRegistry.Set()
		},
		RunE: func(command *cobra.Command, arguments []string) error {
			if err := o.Complete(); err != nil {
				return err
			}
			if err := o.Validate(); err != nil {
				return err
			}
			return serve(command.Context(), arguments[0], o)
		},
	}
	o.AddFlags(serving.Flags())
	checking := &cobra.Command{
		Use: "check FILE...", Args: cobra.MinimumNArgs(1),
		Run: func(command *cobra.Command, arguments []string) {
			for _, path := range arguments {
				fmt.Println(check(command.Context(), path))
			}
		},
	}
	root := &cobra.Command{Use: "modern"}
	root.AddCommand(serving, checking)
	root.SetContext(genericapiserver.SetupSignalContext())
	os.Exit(cli.Run(root))
}
