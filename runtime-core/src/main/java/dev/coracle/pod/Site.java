package dev.coracle.pod;

/** What the calls share: the node, the pods on it, and how they are made and unmade. */
record Site(
        Node node,
        PodTable table,
        Plans plans,
        Networks networks,
        Undoing undoing,
        Memory memory,
        Announcements announcements) {
    static Site on(Node node) {
        PodTable table = new PodTable();
        Plans plans = new Plans(node.host(), node.handlers(), node.paths(), node.roots());
        Networks networks = new Networks(node.network(), node.paths());
        return new Site(
                node,
                table,
                plans,
                networks,
                new Undoing(node, plans, networks, table),
                new Memory(node),
                new Announcements(node.clock()));
    }
}
