package conformance;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import eu.europa.esig.dss.diagnostic.DiagnosticData;
import eu.europa.esig.dss.diagnostic.PDFRevisionWrapper;
import eu.europa.esig.dss.diagnostic.SignatureWrapper;
import eu.europa.esig.dss.diagnostic.TimestampWrapper;
import eu.europa.esig.dss.diagnostic.jaxb.XmlObjectModification;
import eu.europa.esig.dss.jaxb.object.Message;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.pades.validation.PDFDocumentValidator;
import eu.europa.esig.dss.pdf.modifications.DefaultPdfDifferencesFinder;
import eu.europa.esig.dss.pdf.pdfbox.PdfBoxDefaultObjectFactory;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.reports.Reports;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Date;
import java.util.List;

/**
 * EU DSS's word on every signature and timestamp of a file, offline.
 *
 * <p>The policy is DSS's own with every change after a signature a failure: by default an overlaid
 * annotation, a drawing on the page and a swapped stamp stay TOTAL_PASSED with a warning.
 */
final class Signatures {

    private static final String CHANGES =
            "<(PdfAnnotationOverlap|PdfVisualDifference|DocMDP|FieldMDP|SigFieldLock|UndefinedChanges) Level=\"WARN\"";
    private static final int CHANGES_IN_POLICY = 12; // six each for signatures and timestamps

    private final CommonTrustedCertificateSource trust = new CommonTrustedCertificateSource();
    private final PdfBoxDefaultObjectFactory pdf = new PdfBoxDefaultObjectFactory();
    private final byte[] policy = strictPolicy();

    /** @param render whether rendered pages are compared too, which takes most of the time */
    Signatures(byte[] roots, boolean render) throws CertificateException, IOException {
        for (Certificate root : CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(roots))) {
            trust.addCertificate(new CertificateToken((X509Certificate) root));
        }
        if (!render) {
            DefaultPdfDifferencesFinder differences = new DefaultPdfDifferencesFinder();
            differences.setMaximalPagesAmountForVisualComparison(0);
            pdf.setPdfDifferencesFinder(differences);
        }
    }

    private static byte[] strictPolicy() throws IOException {
        try (InputStream in = Signatures.class.getResourceAsStream("/policy/constraint.xml")) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            if (text.split(CHANGES, -1).length - 1 != CHANGES_IN_POLICY) {
                throw new IllegalStateException("DSS's default policy has changed: read it again");
            }
            return text.replaceAll(CHANGES, "<$1 Level=\"FAIL\"").getBytes(StandardCharsets.UTF_8);
        }
    }

    boolean judge(File file, ObjectNode node) {
        Reports reports = validator(file).validateDocument(new ByteArrayInputStream(policy));
        SimpleReport simple = reports.getSimpleReport();
        DiagnosticData data = reports.getDiagnosticData();
        boolean good = !data.getSignatures().isEmpty();
        ArrayNode signatures = node.putArray("signatures");
        for (SignatureWrapper signature : data.getSignatures()) {
            good &= judge(signature, simple, signatures.addObject());
        }
        ArrayNode timestamps = node.putArray("timestamps");
        for (TimestampWrapper timestamp : data.getTimestampList()) {
            good &= judge(timestamp, simple, timestamps.addObject());
        }
        return good;
    }

    private PDFDocumentValidator validator(File file) {
        CommonCertificateVerifier verifier = new CommonCertificateVerifier();
        verifier.setTrustedCertSources(trust);
        verifier.setAIASource(null); // nothing is fetched: a copy brings what it needs
        PDFDocumentValidator validator = new PDFDocumentValidator(new FileDocument(file));
        validator.setPdfObjFactory(pdf);
        validator.setCertificateVerifier(verifier);
        validator.setEnableEtsiValidationReport(false);
        return validator;
    }

    private static boolean judge(SignatureWrapper signature, SimpleReport simple, ObjectNode node) {
        String id = signature.getId();
        PDFRevisionWrapper revision = signature.getPDFRevision();
        node.put("field", revision == null ? null : revision.getFirstFieldName());
        verdict(node, simple, id);
        node.put("level", name(signature.getSignatureFormat()));
        node.put("signer", simple.getSignedBy(id));
        node.put("claimedTime", time(signature.getClaimedSigningTime()));
        node.put("bestTime", time(simple.getBestSignatureTime(id)));
        return revision != null && untouched(node, revision) & simple.isValid(id);
    }

    private static boolean judge(TimestampWrapper timestamp, SimpleReport simple, ObjectNode node) {
        node.put("type", name(timestamp.getType()));
        verdict(node, simple, timestamp.getId());
        node.put("time", time(timestamp.getProductionTime()));
        node.put("producer", simple.getProducedBy(timestamp.getId()));
        PDFRevisionWrapper revision = timestamp.getPDFRevision();
        return (revision == null || untouched(node, revision)) & simple.isValid(timestamp.getId());
    }

    private static void verdict(ObjectNode node, SimpleReport simple, String id) {
        node.put("indication", name(simple.getIndication(id)));
        node.put("subIndication", name(simple.getSubIndication(id)));
        messages(node.putArray("errors"), simple.getAdESValidationErrors(id));
        messages(node.putArray("warnings"), simple.getAdESValidationWarnings(id));
    }

    private static void messages(ArrayNode array, List<Message> messages) {
        messages.forEach(m -> array.add(m.getKey() + ": " + m.getValue()));
    }

    /**
     * Whether nothing followed this signature but later signatures, form filling and the document
     * security store, as DSS's comparison of revisions sees it.
     */
    private static boolean untouched(ObjectNode node, PDFRevisionWrapper revision) {
        node.put("docMdp", name(revision.getDocMDPPermissions()));
        ObjectNode changes = node.putObject("changes");
        objects(changes.putArray("extensions"), revision.getPdfExtensionChanges());
        objects(changes.putArray("signaturesOrForms"), revision.getPdfSignatureOrFormFillChanges());
        ArrayNode annotations = changes.putArray("annotations");
        objects(annotations, revision.getPdfAnnotationChanges());
        ArrayNode undefined = changes.putArray("undefined");
        objects(undefined, revision.getPdfUndefinedChanges());
        ArrayNode pages = changes.putArray("pageCountPages");
        revision.getPdfPageDifferenceConcernedPages().forEach(pages::add);
        ArrayNode visual = changes.putArray("visualDifferencePages");
        revision.getPdfVisualDifferenceConcernedPages().forEach(visual::add);
        ArrayNode overlaps = changes.putArray("annotationOverlapPages");
        revision.getPdfAnnotationsOverlapConcernedPages().forEach(overlaps::add);
        boolean untouched = annotations.isEmpty() && undefined.isEmpty() && pages.isEmpty()
                && visual.isEmpty() && overlaps.isEmpty();
        node.put("untouched", untouched);
        return untouched;
    }

    private static void objects(ArrayNode array, List<XmlObjectModification> modifications) {
        modifications.forEach(m -> array.add(m.getAction() + " " + m.getValue()));
    }

    private static String name(Enum<?> value) {
        return value == null ? null : value.name();
    }

    private static String time(Date date) {
        return date == null ? null : date.toInstant().toString();
    }
}
