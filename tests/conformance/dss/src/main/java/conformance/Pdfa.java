package conformance;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** veraPDF's word on ISO 19005-2, level B. */
final class Pdfa {

    private static final int MESSAGES_AT_MOST = 10;

    Pdfa() {
        VeraGreenfieldFoundryProvider.initialise();
    }

    boolean judge(File file, ObjectNode node) throws Exception {
        try (PDFAParser parser = Foundries.defaultInstance().createParser(file, PDFAFlavour.PDFA_2_B);
                PDFAValidator validator = Foundries.defaultInstance().createValidator(PDFAFlavour.PDFA_2_B, false)) {
            ValidationResult result = validator.validate(parser);
            ObjectNode failed = node.putObject("failed");
            result.getFailedChecks().forEach((rule, count) ->
                    failed.put(rule.getClause() + "-" + rule.getTestNumber(), count));
            ArrayNode messages = node.putArray("messages");
            result.getTestAssertions().stream().map(Pdfa::text).distinct()
                    .limit(MESSAGES_AT_MOST).forEach(messages::add);
            return result.isCompliant();
        }
    }

    private static String text(TestAssertion assertion) {
        return assertion.getErrorMessage() == null ? assertion.getMessage() : assertion.getErrorMessage();
    }
}
