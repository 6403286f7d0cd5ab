// Package clients holds a cluster against client-go as controllers use it; $KUBECONFIG says which.
package clients

import (
	"context"
	"errors"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	appsv1ac "k8s.io/client-go/applyconfigurations/apps/v1"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/tools/pager"
	watchtools "k8s.io/client-go/tools/watch"
	"k8s.io/client-go/util/retry"
)

const limit = 30 * time.Second

// connect makes a client that sends protobuf, and a namespace that ends with the test.
func connect(t *testing.T) (context.Context, *rest.Config, *kubernetes.Clientset, string) {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	check(t, err)
	typed := rest.CopyConfig(config)
	typed.ContentType = "application/vnd.kubernetes.protobuf"
	typed.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	client, err := kubernetes.NewForConfig(typed)
	check(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "client-go-"}}
	made, err := client.CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{})
	check(t, err)
	t.Cleanup(func() { check(t, client.CoreV1().Namespaces().Delete(ctx, made.Name, metav1.DeleteOptions{})) })
	return ctx, config, client, made.Name
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", limit, what)
		}
	}
}

func configMap(name string, data map[string]string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"for": "test"}}, Data: data}
}

func TestErrorsAreTheirKinds(t *testing.T) {
	ctx, _, client, namespace := connect(t)
	maps := client.CoreV1().ConfigMaps(namespace)
	_, err := maps.Get(ctx, "none", metav1.GetOptions{})
	if !apierrors.IsNotFound(err) {
		t.Fatal(err)
	}
	made, err := maps.Create(ctx, configMap("a", map[string]string{"k": "v"}), metav1.CreateOptions{})
	check(t, err)
	if _, err = maps.Create(ctx, configMap("a", nil), metav1.CreateOptions{}); !apierrors.IsAlreadyExists(err) {
		t.Fatal(err)
	}
	if _, err = maps.Create(ctx, configMap("A!", nil), metav1.CreateOptions{}); !apierrors.IsInvalid(err) {
		t.Fatal(err)
	}
	stale := made.DeepCopy()
	made.Data["k"] = "w"
	_, err = maps.Update(ctx, made, metav1.UpdateOptions{})
	check(t, err)
	if _, err = maps.Update(ctx, stale, metav1.UpdateOptions{}); !apierrors.IsConflict(err) {
		t.Fatal(err)
	}
	check(t, retry.RetryOnConflict(retry.DefaultRetry, func() error {
		live, err := maps.Get(ctx, "a", metav1.GetOptions{})
		if err != nil {
			return err
		}
		live.Data["k"] = "x"
		_, err = maps.Update(ctx, live, metav1.UpdateOptions{})
		return err
	}))
	other := types.UID("other")
	err = maps.Delete(ctx, "a", metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &other}})
	if !apierrors.IsConflict(err) {
		t.Fatal(err)
	}
	_, err = maps.List(ctx, metav1.ListOptions{ResourceVersion: "1", ResourceVersionMatch: metav1.ResourceVersionMatchExact})
	if !apierrors.IsResourceExpired(err) && err != nil {
		t.Fatal(err)
	}
}

func TestInformersFollowAndListersAnswer(t *testing.T) {
	ctx, _, client, namespace := connect(t)
	for at := range 30 {
		_, err := client.CoreV1().ConfigMaps(namespace).Create(ctx, configMap("m"+strconv.Itoa(at), nil), metav1.CreateOptions{})
		check(t, err)
	}
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(namespace),
		informers.WithTweakListOptions(func(options *metav1.ListOptions) { options.LabelSelector = "for=test" }))
	maps := factory.Core().V1().ConfigMaps()
	var added, updated, deleted atomic.Int32
	_, err := maps.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { added.Add(1) },
		UpdateFunc: func(any, any) { updated.Add(1) },
		DeleteFunc: func(any) { deleted.Add(1) },
	})
	check(t, err)
	factory.Start(ctx.Done())
	for kind, synced := range factory.WaitForCacheSync(ctx.Done()) {
		if !synced {
			t.Fatalf("%v did not sync", kind)
		}
	}
	eventually(t, "all were added", func() bool { return added.Load() == 30 })
	patch := []byte(`{"data":{"k":"v"}}`)
	_, err = client.CoreV1().ConfigMaps(namespace).Patch(ctx, "m1", types.StrategicMergePatchType, patch, metav1.PatchOptions{})
	check(t, err)
	eventually(t, "the patch was seen", func() bool {
		found, err := maps.Lister().ConfigMaps(namespace).Get("m1")
		return err == nil && found.Data["k"] == "v" && updated.Load() == 1
	})
	// What no longer matches is gone, as what is deleted.
	unlabel := []byte(`[{"op":"remove","path":"/metadata/labels/for"}]`)
	_, err = client.CoreV1().ConfigMaps(namespace).Patch(ctx, "m2", types.JSONPatchType, unlabel, metav1.PatchOptions{})
	check(t, err)
	check(t, client.CoreV1().ConfigMaps(namespace).Delete(ctx, "m3", metav1.DeleteOptions{}))
	eventually(t, "two are gone", func() bool { return deleted.Load() == 2 })
}

func TestPagesHoldEveryObjectOnce(t *testing.T) {
	ctx, _, client, namespace := connect(t)
	for at := range 25 {
		_, err := client.CoreV1().ConfigMaps(namespace).Create(ctx, configMap("m"+strconv.Itoa(at), nil), metav1.CreateOptions{})
		check(t, err)
	}
	pages := pager.New(pager.SimplePageFunc(func(options metav1.ListOptions) (runtime.Object, error) {
		return client.CoreV1().ConfigMaps(namespace).List(ctx, options)
	}))
	pages.PageSize = 4
	seen := map[string]bool{}
	check(t, pages.EachListItem(ctx, metav1.ListOptions{LabelSelector: "for=test"}, func(item runtime.Object) error {
		name := item.(*corev1.ConfigMap).Name
		if seen[name] {
			return errors.New(name + " came twice")
		}
		seen[name] = true
		return nil
	}))
	if len(seen) != 25 {
		t.Fatalf("%d objects", len(seen))
	}
}

func TestAWatchGoesOnWhereItBroke(t *testing.T) {
	ctx, _, client, namespace := connect(t)
	maps := client.CoreV1().ConfigMaps(namespace)
	list, err := maps.List(ctx, metav1.ListOptions{})
	check(t, err)
	// The server ends each watch after a second.
	second := int64(1)
	watcher, err := watchtools.NewRetryWatcherWithContext(ctx, list.ResourceVersion, &cache.ListWatch{
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			options.TimeoutSeconds = &second
			options.LabelSelector = "for=test"
			return maps.Watch(ctx, options)
		},
	})
	check(t, err)
	defer watcher.Stop()
	go func() {
		for at := range 6 {
			_, _ = maps.Create(ctx, configMap("m"+strconv.Itoa(at), nil), metav1.CreateOptions{})
			time.Sleep(400 * time.Millisecond)
		}
	}()
	for at := range 6 {
		event := <-watcher.ResultChan()
		made, ok := event.Object.(*corev1.ConfigMap)
		if !ok || event.Type != watch.Added || made.Name != "m"+strconv.Itoa(at) {
			t.Fatalf("%d: %v", at, event)
		}
	}
}

func TestApplyConfigurations(t *testing.T) {
	ctx, _, client, namespace := connect(t)
	deployments := client.AppsV1().Deployments(namespace)
	labels := map[string]string{"app": "a"}
	container := corev1ac.Container().WithName("c").WithImage("i:1")
	spec := appsv1ac.DeploymentSpec().WithReplicas(0).WithSelector(metav1ac.LabelSelector().WithMatchLabels(labels)).
		WithTemplate(corev1ac.PodTemplateSpec().WithLabels(labels).WithSpec(corev1ac.PodSpec().WithContainers(container)))
	desired := appsv1ac.Deployment("d", namespace).WithSpec(spec)
	made, err := deployments.Apply(ctx, desired, metav1.ApplyOptions{FieldManager: "me"})
	check(t, err)
	mine, err := appsv1ac.ExtractDeployment(made, "me")
	check(t, err)
	if len(mine.Spec.Template.Spec.Containers) != 1 || *mine.Spec.Template.Spec.Containers[0].Image != "i:1" || mine.Spec.Strategy != nil {
		t.Fatalf("%+v", mine.Spec)
	}
	theirs := appsv1ac.Deployment("d", namespace).WithSpec(appsv1ac.DeploymentSpec().WithReplicas(1))
	if _, err = deployments.Apply(ctx, theirs, metav1.ApplyOptions{FieldManager: "they"}); !apierrors.IsConflict(err) {
		t.Fatal(err)
	}
	scale, err := deployments.GetScale(ctx, "d", metav1.GetOptions{})
	check(t, err)
	scale.Spec.Replicas = 0
	_, err = deployments.UpdateScale(ctx, "d", scale, metav1.UpdateOptions{})
	check(t, err)
}

func TestLeadersFollowEachOther(t *testing.T) {
	ctx, _, client, namespace := connect(t)
	var leading atomic.Int32
	var leader atomic.Value
	elect := func(name string) context.CancelFunc {
		own, cancel := context.WithCancel(ctx)
		lock := &resourcelock.LeaseLock{
			LeaseMeta:  metav1.ObjectMeta{Name: "leader", Namespace: namespace},
			Client:     client.CoordinationV1(),
			LockConfig: resourcelock.ResourceLockConfig{Identity: name},
		}
		go leaderelection.RunOrDie(own, leaderelection.LeaderElectionConfig{
			Lock: lock, ReleaseOnCancel: true,
			LeaseDuration: 3 * time.Second, RenewDeadline: 2 * time.Second, RetryPeriod: 200 * time.Millisecond,
			Callbacks: leaderelection.LeaderCallbacks{
				OnStartedLeading: func(context.Context) { leader.Store(name); leading.Add(1) },
				OnStoppedLeading: func() { leading.Add(-1) },
			},
		})
		return cancel
	}
	leads := func(name string) func() bool {
		return func() bool { return leader.Load() == name && leading.Load() == 1 }
	}
	endFirst := elect("first")
	eventually(t, "the first leads", leads("first"))
	endSecond := elect("second")
	defer endSecond()
	endFirst()
	eventually(t, "the second leads", leads("second"))
}

func TestDynamicClientsFindNewKinds(t *testing.T) {
	ctx, config, client, namespace := connect(t)
	anyKind, err := dynamic.NewForConfig(config)
	check(t, err)
	definitions := anyKind.Resource(schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"})
	definition := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": map[string]any{"name": "gulls.sea.example"},
		"spec": map[string]any{
			"group": "sea.example", "scope": "Namespaced",
			"names": map[string]any{"plural": "gulls", "kind": "Gull"},
			"versions": []any{map[string]any{
				"name": "v1", "served": true, "storage": true,
				"schema": map[string]any{"openAPIV3Schema": map[string]any{
					"type": "object", "x-kubernetes-preserve-unknown-fields": true,
				}},
			}},
		},
	}}
	_, err = definitions.Create(ctx, definition, metav1.CreateOptions{})
	check(t, err)
	defer func() { check(t, definitions.Delete(ctx, "gulls.sea.example", metav1.DeleteOptions{})) }()
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(client.Discovery()))
	var resource schema.GroupVersionResource
	eventually(t, "the kind is discovered", func() bool {
		mapper.Reset()
		found, err := mapper.RESTMapping(schema.GroupKind{Group: "sea.example", Kind: "Gull"}, "v1")
		if err == nil {
			resource = found.Resource
		}
		return err == nil
	})
	gull := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "sea.example/v1", "kind": "Gull", "metadata": map[string]any{"name": "jonathan"}, "wings": int64(2),
	}}
	made, err := anyKind.Resource(resource).Namespace(namespace).Apply(ctx, "jonathan", gull, metav1.ApplyOptions{FieldManager: "me"})
	check(t, err)
	if wings, _, _ := unstructured.NestedInt64(made.Object, "wings"); wings != 2 {
		t.Fatal(made)
	}
	partial, err := metadata.NewForConfig(config)
	check(t, err)
	list, err := partial.Resource(resource).Namespace(namespace).List(ctx, metav1.ListOptions{})
	check(t, err)
	if len(list.Items) != 1 || list.Items[0].Name != "jonathan" {
		t.Fatal(list)
	}
}
