package dev.coracle.cri;

import static dev.coracle.proto.v1.ImageServiceGrpc.*;
import static dev.coracle.proto.v1.RuntimeServiceGrpc.*;

import dev.coracle.cri.Binding.Answer;
import dev.coracle.cri.Binding.Runs;
import dev.coracle.cri.rpc.*;
import dev.coracle.failure.RuntimeFailure.Unsupported;
import dev.coracle.image.Images;
import dev.coracle.image.Pulls;
import dev.coracle.pod.Cancellation;
import dev.coracle.pod.Pods;
import dev.coracle.pod.Usages;
import dev.coracle.proto.v1.CreateContainerRequest;
import dev.coracle.proto.v1.PodSandboxMetadata;
import dev.coracle.proto.v1.RunPodSandboxRequest;
import io.grpc.MethodDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Every RPC of the contract, a line each. What a line does is in the class of the same name in {@code cri.rpc}. */
public final class RpcTable {
    private final List<Binding<?, ?>> runtimeService;
    private final List<Binding<?, ?>> imageService;
    private final List<Binding<?, ?>> ownService;

    RpcTable(List<Binding<?, ?>> runtimeService, List<Binding<?, ?>> imageService, List<Binding<?, ?>> ownService) {
        this.runtimeService = List.copyOf(runtimeService);
        this.imageService = List.copyOf(imageService);
        this.ownService = List.copyOf(ownService);
    }

    /** The whole contract, and what the command line asks beyond it. */
    public static RpcTable of(Node node, Pods pods, Images images, Pulls pulls, StreamUrls urls) {
        List<Binding<?, ?>> runtime = new ArrayList<>();
        runtime.addAll(nodeLines(node));
        runtime.addAll(podLines(pods));
        runtime.addAll(containerLines(node, pods));
        runtime.addAll(usageLines(pods.usages()));
        runtime.addAll(streamLines(pods, urls));
        runtime.addAll(linesNotBuilt());
        return new RpcTable(runtime, imageLines(node, images, pulls), ownLines(pulls));
    }

    List<Binding<?, ?>> runtimeService() {
        return runtimeService;
    }

    List<Binding<?, ?>> imageService() {
        return imageService;
    }

    List<Binding<?, ?>> ownService() {
        return ownService;
    }

    private static List<Binding<?, ?>> nodeLines(Node node) {
        return List.of(
                direct(getVersionMethod(), new Version(node.version())::handle),
                reading(getStatusMethod(), r -> "", new Status(node)::handle),
                direct(getRuntimeConfigMethod(), new RuntimeConfig(node.cgroupDriver())::handle),
                direct(getUpdateRuntimeConfigMethod(), new UpdateRuntimeConfig()::handle));
    }

    private static List<Binding<?, ?>> podLines(Pods pods) {
        return List.of(
                changing(getRunPodSandboxMethod(), RpcTable::subject, new RunPodSandbox(pods)::handle),
                waiting(getStopPodSandboxMethod(), r -> r.getPodSandboxId(), new StopPodSandbox(pods)::handle),
                waiting(getRemovePodSandboxMethod(), r -> r.getPodSandboxId(), new RemovePodSandbox(pods)::handle),
                direct(getPodSandboxStatusMethod(), r -> r.getPodSandboxId(), new PodSandboxStatus(pods)::handle),
                listing(getListPodSandboxMethod(), new ListPodSandbox(pods)::handle),
                streaming(getStreamPodSandboxesMethod(), new StreamPodSandboxes(new ListPodSandbox(pods))::handle),
                streaming(getGetContainerEventsMethod(), new GetContainerEvents(pods)::handle),
                changing(
                        getUpdatePodSandboxResourcesMethod(),
                        r -> r.getPodSandboxId(),
                        new UpdatePodSandboxResources(pods)::handle));
    }

    private static List<Binding<?, ?>> containerLines(Node node, Pods pods) {
        return List.of(
                changing(getCreateContainerMethod(), RpcTable::subject, new CreateContainer(node, pods)::handle),
                changing(getStartContainerMethod(), r -> r.getContainerId(), new StartContainer(pods)::handle),
                waiting(getStopContainerMethod(), r -> r.getContainerId(), new StopContainer(pods)::handle),
                waiting(getRemoveContainerMethod(), r -> r.getContainerId(), new RemoveContainer(pods)::handle),
                direct(getContainerStatusMethod(), r -> r.getContainerId(), new ContainerStatus(pods)::handle),
                listing(getListContainersMethod(), new ListContainers(pods)::handle),
                streaming(getStreamContainersMethod(), new StreamContainers(new ListContainers(pods))::handle),
                changing(
                        getUpdateContainerResourcesMethod(),
                        r -> r.getContainerId(),
                        new UpdateContainerResources(pods)::handle),
                changing(getReopenContainerLogMethod(), r -> r.getContainerId(), new ReopenContainerLog(pods)::handle),
                encoded(getExecSyncMethod(), r -> r.getContainerId(), new ExecSync(pods)::handle));
    }

    private static List<Binding<?, ?>> usageLines(Usages usages) {
        ListContainerStats containers = new ListContainerStats(usages);
        ListPodSandboxStats pods = new ListPodSandboxStats(usages);
        ListPodSandboxMetrics metrics = new ListPodSandboxMetrics(usages);
        return List.of(
                reading(getContainerStatsMethod(), r -> r.getContainerId(), new ContainerStats(usages)::handle),
                measuring(getListContainerStatsMethod(), containers::handle),
                streaming(getStreamContainerStatsMethod(), new StreamContainerStats(containers)::handle),
                reading(getPodSandboxStatsMethod(), r -> r.getPodSandboxId(), new PodSandboxStats(usages)::handle),
                measuring(getListPodSandboxStatsMethod(), pods::handle),
                streaming(getStreamPodSandboxStatsMethod(), new StreamPodSandboxStats(pods)::handle),
                direct(getListMetricDescriptorsMethod(), new ListMetricDescriptors()::handle),
                measuring(getListPodSandboxMetricsMethod(), metrics::handle),
                streaming(getStreamPodSandboxMetricsMethod(), new StreamPodSandboxMetrics(metrics)::handle));
    }

    private static List<Binding<?, ?>> streamLines(Pods pods, StreamUrls urls) {
        return List.of(
                reading(getExecMethod(), r -> r.getContainerId(), new Exec(pods, urls)::handle),
                reading(getAttachMethod(), r -> r.getContainerId(), new Attach(pods, urls)::handle),
                reading(getPortForwardMethod(), r -> r.getPodSandboxId(), new PortForward(pods, urls)::handle));
    }

    private static List<Binding<?, ?>> linesNotBuilt() {
        return List.of(
                notBuilt(getCheckpointContainerMethod()),
                notBuilt(getCheckpointPodMethod()),
                notBuilt(getRestorePodMethod()));
    }

    private static List<Binding<?, ?>> imageLines(Node node, Images images, Pulls pulls) {
        return List.of(
                listing(getListImagesMethod(), new ListImages(images)::handle),
                streaming(getStreamImagesMethod(), new StreamImages(new ListImages(images))::handle),
                direct(getImageStatusMethod(), new ImageStatus(node, images)::handle),
                waiting(getPullImageMethod(), r -> r.getImage().getImage(), new PullImage(node, pulls)::handle),
                changing(getRemoveImageMethod(), r -> r.getImage().getImage(), new RemoveImage(images)::handle),
                direct(getImageFsInfoMethod(), new ImageFsInfo(images)::handle));
    }

    private static List<Binding<?, ?>> ownLines(Pulls pulls) {
        return List.of(waiting(OwnCalls.PULL_FROM, r -> r.getImage().getImage(), new PullFrom(pulls)::handle));
    }

    private static String subject(RunPodSandboxRequest request) {
        PodSandboxMetadata metadata = request.getConfig().getMetadata();
        return metadata.getNamespace() + "/" + metadata.getName() + " uid=" + metadata.getUid() + " attempt="
                + Integer.toUnsignedString(metadata.getAttempt());
    }

    private static String subject(CreateContainerRequest request) {
        return request.getConfig().getMetadata().getName() + " pod=" + request.getPodSandboxId();
    }

    private static <Q, A> Binding<Q, A> direct(MethodDescriptor<Q, A> method, Function<Q, A> answer) {
        return direct(method, request -> "", answer);
    }

    private static <Q, A> Binding<Q, A> direct(
            MethodDescriptor<Q, A> method, Function<Q, String> subject, Function<Q, A> answer) {
        return new Binding<>(
                method, subject, Answer.unary((request, cancellation) -> answer.apply(request)), Runs.DIRECT);
    }

    private static <Q> Binding<Q, EncodedAnswer> listing(
            MethodDescriptor<Q, ?> method, Function<Q, EncodedAnswer> answer) {
        return direct(encoded(method), answer);
    }

    private static <Q> Binding<Q, EncodedAnswer> measuring(
            MethodDescriptor<Q, ?> method, Function<Q, EncodedAnswer> answer) {
        return reading(encoded(method), request -> "", answer);
    }

    private static <Q> Binding<Q, EncodedAnswer> streaming(
            MethodDescriptor<Q, ?> method, Answer<Q, EncodedAnswer> answer) {
        return new Binding<>(encoded(method), request -> "", answer, Runs.READING);
    }

    private static <Q, A> Binding<Q, A> reading(
            MethodDescriptor<Q, A> method, Function<Q, String> subject, Function<Q, A> answer) {
        return new Binding<>(
                method, subject, Answer.unary((request, cancellation) -> answer.apply(request)), Runs.READING);
    }

    private static <Q, A> Binding<Q, A> changing(
            MethodDescriptor<Q, A> method, Function<Q, String> subject, Function<Q, A> answer) {
        return waiting(method, subject, (request, cancellation) -> answer.apply(request));
    }

    /** Its waiting ends when the client goes away. */
    private static <Q, A> Binding<Q, A> waiting(
            MethodDescriptor<Q, A> method, Function<Q, String> subject, BiFunction<Q, Cancellation, A> answer) {
        return new Binding<>(method, subject, Answer.unary(answer), Runs.CHANGING);
    }

    private static <Q> Binding<Q, EncodedAnswer> encoded(
            MethodDescriptor<Q, ?> method,
            Function<Q, String> subject,
            BiFunction<Q, Cancellation, EncodedAnswer> answer) {
        return new Binding<>(encoded(method), subject, Answer.unary(answer), Runs.READING);
    }

    private static <Q> MethodDescriptor<Q, EncodedAnswer> encoded(MethodDescriptor<Q, ?> method) {
        return method.toBuilder(method.getRequestMarshaller(), EncodedAnswer.MARSHALLER)
                .build();
    }

    /** A streaming RPC answers so too: its client learns it at the first receive. */
    private static <Q, A> Binding<Q, A> notBuilt(MethodDescriptor<Q, A> method) {
        String name = String.valueOf(method.getBareMethodName());
        Answer<Q, A> answer = (request, outlet) -> {
            throw new Unsupported("answer " + name, "this version of coracle does not implement it");
        };
        return new Binding<>(method, request -> "", answer, Runs.REFUSED);
    }
}
