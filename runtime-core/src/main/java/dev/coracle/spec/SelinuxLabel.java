package dev.coracle.spec;

/** CRI {@code SELinuxOption}; an empty part was not given. */
public record SelinuxLabel(String user, String role, String type, String level) {}
