package conformance;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Judges signed PDF files with EU DSS and veraPDF: one JSON object a line, a line a file.
 *
 * <p>{@code java -jar conformance.jar --trust ROOTS.pem [--no-render] (FILE... | -)}
 *
 * <p>With {@code -} the names come from standard input, so that one warm process serves many: a cold
 * one needs seconds for its first file. Nothing is fetched from a network. Exit status: 0 when every
 * file is good in both judges' eyes, 1 when not, 2 on wrong usage.
 */
public final class Main {

    private static final String USAGE =
            "usage: java -jar conformance.jar --trust ROOTS.pem [--no-render] (FILE... | -)";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Signatures signatures;
    private final Pdfa pdfa = new Pdfa();
    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private Main(Path trust, boolean render) throws Exception {
        signatures = new Signatures(Files.readAllBytes(trust), render);
    }

    public static void main(String[] args) throws Exception {
        Path trust = null;
        boolean render = true;
        List<String> files = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("--trust") && i + 1 < args.length) {
                trust = Path.of(args[++i]);
            } else if (args[i].equals("--no-render")) {
                render = false;
            } else {
                files.add(args[i]);
            }
        }
        if (trust == null || files.isEmpty()) {
            System.err.println(USAGE);
            System.exit(2);
        }
        System.exit(new Main(trust, render).judge(files) ? 0 : 1);
    }

    private boolean judge(List<String> files) throws IOException {
        if (!files.equals(List.of("-"))) {
            return files.stream().map(this::judge).reduce(true, Boolean::logicalAnd);
        }
        boolean good = true;
        BufferedReader names = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String file = names.readLine(); file != null; file = names.readLine()) {
            good &= judge(file);
        }
        return good;
    }

    private boolean judge(String name) {
        File file = new File(name);
        ObjectNode line = JSON.createObjectNode().put("file", name);
        boolean good = timed(line.putObject("dss"), node -> signatures.judge(file, node))
                & timed(line.putObject("verapdf"), node -> pdfa.judge(file, node));
        out.println(line.put("ok", good));
        return good;
    }

    private interface Judge {
        boolean judge(ObjectNode node) throws Exception;
    }

    /** A library's exception is its refusal of the file, and is said as such. */
    private static boolean timed(ObjectNode node, Judge judge) {
        long start = System.nanoTime();
        boolean good;
        try {
            good = judge.judge(node);
        } catch (Exception refusal) {
            node.put("exception", refusal.toString());
            good = false;
        }
        node.put("ok", good).put("ms", (System.nanoTime() - start) / 1_000_000);
        return good;
    }
}
